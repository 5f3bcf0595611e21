import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Programs of one process each on every host: they share what is common to them, so that the spare has it loaded. */
const SHARING = {
  gateway: 'apps/gateway/src/main.ts',
  spare: 'packages/sdk/src/kernel/spare-main.ts',
};

/** Programs that stand alone: one file each. */
const SINGLE = {
  guardian: 'apps/guardian/src/main.ts',
  keeper: 'apps/guardian/src/keeper/main.ts',
  agent: 'apps/agent/src/main.ts',
  'guardian-stop': 'apps/guardian/src/stop-main.ts',
  'guardian-profile': 'apps/guardian/src/profile-main.ts',
  'ledger-audit': 'kernels/core/immutable_log/audit-main.ts',
};

/** The command lines read the code of a command when it is called. */
const LAZY = { cli: 'apps/cli/src/main.ts', mk: 'apps/mk/src/main.ts' };

/** Commands of which most are made of what this one is made of. */
const TOGETHER = { folder: 'apps/mk/src/commands', core: 'closed-loop-run.ts' };

const findKernels = (root) => {
  const kernels = {};
  for (const tier of readdirSync(join(root, 'kernels'), { withFileTypes: true })) {
    if (!tier.isDirectory() || tier.name === 'node_modules') continue;
    for (const kernel of readdirSync(join(root, 'kernels', tier.name))) {
      const source = join('kernels', tier.name, kernel, 'main.ts');
      if (existsSync(join(root, source))) kernels[kernel] = source;
    }
  }
  return kernels;
};

/**
 * What is bundled. `entries`: output name to source; `groups`: the same by the run that builds them, `split` where they
 * share chunks, `together` what of them is read at once; `kernels`: ids of those that ship. A kernel ships when its folder has a main.ts.
 */
export const findEntries = (root) => {
  const found = findKernels(root);
  const kernelEntries = Object.fromEntries(
    Object.entries(found).map(([id, source]) => [`kernels/${id}`, source]),
  );
  const present = (entries) =>
    Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(join(root, file))));
  const groups = [
    { split: true, entries: { ...present(SHARING), ...kernelEntries } },
    { split: true, entries: present(LAZY), together: TOGETHER },
    { split: false, entries: present(SINGLE) },
  ];
  return {
    groups,
    entries: Object.assign({}, ...groups.map((group) => group.entries)),
    kernels: Object.keys(found).sort(),
  };
};
