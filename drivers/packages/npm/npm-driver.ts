import type { PackageDriver } from '@holdfast/contracts';
import { checkedPath } from '../step-params.ts';
import { applyNpm } from './npm-apply.ts';
import { readGlobal, readProject } from './npm-inventory.ts';
import { resolveNpm } from './npm-resolve.ts';
import { verifyNpm } from './npm-verify.ts';
import { inspectNodeProject } from './node-project.ts';

/** Node packages: the global ones are read, those of a project are changed. */
export const createNpmDriver = (): PackageDriver => ({
  id: 'npm',
  capabilities: { inventory: true, apply: true, system: true },

  async probe(path, context = {}) {
    const project = await inspectNodeProject(checkedPath(path), context);
    if (!project) return undefined;
    const { reason } = project;
    return { isolated: reason === undefined, detail: reason ?? 'a node project' };
  },

  inventory(environment, context = {}) {
    return environment === 'system'
      ? readGlobal(context)
      : readProject(checkedPath(environment.path), context);
  },

  resolve: resolveNpm,
  verify: verifyNpm,
  apply: applyNpm,
});
