import type { PackageDriver } from '@holdfast/contracts';
import { checkedPath } from '../step-params.ts';
import { applyPip } from './pip-apply.ts';
import { readSystem, readVirtualEnvironment } from './pip-inventory.ts';
import { resolvePip } from './pip-resolve.ts';
import { verifyPip } from './pip-verify.ts';
import { inspectPythonHome } from './virtual-environment.ts';

/** Python packages: any interpreter is read, only virtual environments are changed. */
export const createPipDriver = (): PackageDriver => ({
  id: 'pip',
  capabilities: { inventory: true, apply: true, system: true },

  async probe(path, context = {}) {
    const home = await inspectPythonHome(checkedPath(path), context);
    if (!home) return undefined;
    const { interpreter, detail, venv } = home;
    return { isolated: venv !== undefined, interpreter, detail };
  },

  async inventory(environment, context = {}) {
    const reading =
      environment === 'system'
        ? await readSystem(context)
        : await readVirtualEnvironment(checkedPath(environment.path), context);
    return reading.inventory;
  },

  resolve: resolvePip,
  verify: verifyPip,
  apply: applyPip,
});
