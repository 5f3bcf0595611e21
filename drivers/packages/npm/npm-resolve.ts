import { join } from 'node:path';
import { HoldfastError } from '@holdfast/contracts';
import type { ReadContext, ResolvedOperation } from '@holdfast/contracts';
import { parseSpec, redactUrl } from '@holdfast/versions';
import { toolFailure } from '../step-results.ts';
import { checkedName, checkedPath } from '../step-params.ts';
import { requireNodeProject } from './node-project.ts';
import { readNodeModules, versionsOf } from './node-modules.ts';
import { refuseOptions } from './npm-options.ts';
import { readPlannedTree } from './planned-tree.ts';
import { installStaged, PLAN_TIMEOUT_MS } from './run-npm.ts';
import { readProjectManifest, stagedManifest } from './staged-manifest.ts';
import { withPlanFolder } from './staging.ts';

const REQUIREMENT = /^(@[^@/]+\/[^@/]+|[^@]+)(?:@(.*))?$/s;
/** What a spec may name besides versions: a dist-tag, or another package of the registry. */
const LOOKED_UP = ['tag', 'alias'];

const readRequirement = (text: string): [name: string, spec: string] => {
  const [, written = '', spec = ''] = REQUIREMENT.exec(text.trim()) ?? [];
  const name = checkedName('npm', written);
  const refuse = (why: string): HoldfastError =>
    new HoldfastError('invalid_input', {
      detail: `requirement ${JSON.stringify(redactUrl(text))}: ${why}`,
    });
  let parsed: ReturnType<typeof parseSpec>;
  try {
    parsed = parseSpec('npm', spec);
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error));
  }
  if (parsed.kind === 'unmanaged' && !LOOKED_UP.includes(parsed.reason)) {
    throw refuse(`it names a place (${parsed.reason}), not versions`);
  }
  return [name, spec.trim() === '' ? '*' : spec.trim()];
};

/**
 * What npm would change at the top of node_modules so that the requirements (`name@range`) hold. Packages that no
 * requirement names stay at the version they have, as far as npm can keep them there.
 *
 * @throws HoldfastError `environment_not_isolated`, `invalid_input`, `package_name_invalid`, and `plan_failed` with
 *   npm's words when it finds no such set of versions
 */
export const resolveNpm = async (
  request: {
    environment: string;
    requirements: readonly string[];
    options: readonly string[];
  },
  context: ReadContext = {},
): Promise<ResolvedOperation[]> => {
  const path = checkedPath(request.environment);
  refuseOptions(request.options);
  const wanted = Object.fromEntries(request.requirements.map(readRequirement));
  const root = await requireNodeProject(path, context);
  if (request.requirements.length === 0) return [];
  const installed = await readNodeModules(join(root, 'node_modules'));
  const manifest = stagedManifest(installed, await readProjectManifest(root), wanted);
  const planned = await withPlanFolder(root, manifest, async (folder) => {
    const run = await installStaged(folder, 'plan', 'hoisted', {
      timeoutMs: PLAN_TIMEOUT_MS,
      ...context,
    });
    const failure = toolFailure('npm', run);
    if (failure?.code === 'driver_unavailable') {
      throw new HoldfastError('driver_unavailable', { driver: 'npm', detail: failure.detail });
    }
    if (failure) throw new HoldfastError('plan_failed', { detail: failure.detail });
    return readPlannedTree(folder);
  });
  const present = versionsOf(installed);
  return Object.entries(planned)
    .map(([name, to]) => {
      const requested = Object.hasOwn(wanted, name);
      return { package: name, from: present[name] ?? null, to, requested };
    })
    .filter(({ from, to }) => from !== to);
};
