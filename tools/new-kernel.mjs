import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadTypescript } from './lib/load-typescript.mjs';
import { toolArgs } from './lib/tool-args.mjs';
import { kernelFiles } from './scaffold/kernel-files.mjs';
import { addToLists } from './scaffold/kernel-lists.mjs';
import { writeNew } from './scaffold/write-new.mjs';

/**
 * Starts a kernel: its folder, its empty contract, and its place in the lists of kernels and APIs. It compiles, starts
 * and has a test that passes. Usage: node tools/new-kernel.mjs <id of KERNEL_TABLE>
 */
const { root, positionals } = toolArgs();
const [id] = positionals;
const contracts = await loadTypescript(root, 'packages/contracts/src/index.ts');
const row = contracts.KERNEL_TABLE.find((candidate) => candidate.id === id);
const free = contracts.KERNEL_TABLE.filter(
  ({ tier, id: other }) => !existsSync(join(root, 'kernels', tier, other)),
);
if (!row || !free.includes(row)) {
  const why = row ? `kernels/${row.tier}/${id} is there already` : `'${id ?? ''}' is no kernel id`;
  console.error(`new-kernel: ${why}; free: ${free.map((candidate) => candidate.id).join(' ')}`);
  process.exit(64);
}
const { allKernels } = await loadTypescript(root, 'kernels/all.ts');
const portOf = (kernel) => (contracts.isKernelId(kernel) ? contracts.kernelRow(kernel).port : 0);
writeNew(root, kernelFiles(row));
addToLists(root, row, {
  apis: contracts.allApis.map(({ kernel }) => portOf(kernel)),
  kernels: allKernels.map((kernel) => portOf(kernel.id)),
});
console.log(`
next:
  describe the operations in packages/contracts/src/apis, then answer them in kernels/${row.tier}/${id}/kernel.ts
  switch the kernel on in config/profiles
  make generate   (the kernel graph and the OpenAPI document change: commit them)`);
