import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Programs that are bundled to one file each: output name to source. A kernel ships when its folder has a main.ts. */
export const findEntries = (root) => {
  const entries = {
    guardian: 'apps/guardian/src/main.ts',
    gateway: 'apps/gateway/src/main.ts',
    agent: 'apps/agent/src/main.ts',
    'guardian-stop': 'apps/guardian/src/stop-main.ts',
    cli: 'apps/cli/src/main.ts',
    'ledger-audit': 'kernels/core/immutable_log/audit-main.ts',
  };
  const kernels = [];
  for (const tier of readdirSync(join(root, 'kernels'), { withFileTypes: true })) {
    if (!tier.isDirectory() || tier.name === 'node_modules') continue;
    for (const kernel of readdirSync(join(root, 'kernels', tier.name))) {
      const source = join('kernels', tier.name, kernel, 'main.ts');
      if (!existsSync(join(root, source))) continue;
      kernels.push(kernel);
      entries[`kernels/${kernel}`] = source;
    }
  }
  return { entries, kernels: kernels.sort() };
};
