import { join } from 'node:path';
import type { PackageOperation, ReadContext, StepAction, StepResult } from '@holdfast/contracts';
import { outstanding } from '../outstanding.ts';
import { staleFailure } from '../stale-operations.ts';
import { readPackageStep } from '../step-params.ts';
import { requireNodeProject } from './node-project.ts';
import { readNodeModules, versionsOf } from './node-modules.ts';
import type { TopPackage } from './node-modules.ts';
import { refuseOptions } from './npm-options.ts';
import { readProjectManifest, stagedManifest } from './staged-manifest.ts';
import { expectedTree } from './tree-difference.ts';

/** A step held against the project it is for. */
export interface NpmStep {
  readonly root: string;
  readonly links: readonly TopPackage[];
  readonly todo: readonly PackageOperation[];
  /** package.json of the staging folder. */
  readonly manifest: string;
  /** Top of node_modules after the step, links left out. */
  readonly expected: Readonly<Record<string, string>>;
  /** Set when a package was moved by somebody else since the step was planned. */
  readonly stale?: StepResult;
  /** Why the step cannot be carried out here. */
  readonly obstacle?: string;
}

const findObstacle = (
  links: readonly TopPackage[],
  todo: readonly PackageOperation[],
): string | undefined => {
  const linked = links.find(({ name }) => todo.some((operation) => operation.package === name));
  return linked && `${linked.name} is a link to ${linked.link}: it is not a package of a registry`;
};

export const readStepTarget = async (
  action: StepAction,
  context: ReadContext,
): Promise<{ root: string; operations: readonly PackageOperation[] }> => {
  const { environment, operations, options } = readPackageStep('npm', action);
  refuseOptions(options);
  return { root: await requireNodeProject(environment, context), operations };
};

/** Works out what a step still has to do. */
export const prepareStep = async (
  root: string,
  operations: readonly PackageOperation[],
): Promise<NpmStep> => {
  const installed = await readNodeModules(join(root, 'node_modules'));
  const links = installed.filter(({ link }) => link !== undefined);
  const own = installed.filter(({ link }) => link === undefined);
  const todo = outstanding('npm', versionsOf(installed), operations);
  const wanted = Object.fromEntries(todo.map(({ package: name, to }) => [name, to]));
  const manifest = stagedManifest(installed, await readProjectManifest(root), wanted);
  const expected = expectedTree(versionsOf(own), todo);
  const broken = installed.flatMap((one) => (one.broken === undefined ? [] : [one.name]));
  const stale = staleFailure('npm', versionsOf(installed), operations, broken);
  return { root, links, todo, manifest, expected, stale, obstacle: findObstacle(links, todo) };
};
