import { generatedFile } from './lib/generated-file.mjs';
import { loadTypescript } from './lib/load-typescript.mjs';
import { toolArgs } from './lib/tool-args.mjs';

/**
 * Writes which kernels there are, which kernel calls which, and which kernel listens to which event, from the
 * definitions in kernels/all.ts. Usage: node tools/kernel-graph.mjs [--check]
 */
const { root, check } = toolArgs({ check: { type: 'boolean', default: false } });
const { allKernels } = await loadTypescript(root, 'kernels/all.ts');
const { kernelRow } = await loadTypescript(root, 'packages/contracts/src/kernels.ts');

const callees = (kernel) =>
  [...new Set(Object.values(kernel.needs).map((api) => api.kernel))].sort();
const width = Math.max(...allKernels.map(({ id }) => kernelRow(id).tier.length));
const listeners = allKernels.flatMap(({ id, subscribes }) =>
  [...subscribes].sort().map((event) => `${id} <- ${event}`),
);
const text = [
  '# Written by tools/kernel-graph.mjs from kernels/all.ts. A new line here is a new edge to review.',
  '',
  '# port, tier, kernel',
  ...allKernels.map(({ id }) => `${kernelRow(id).port} ${kernelRow(id).tier.padEnd(width)} ${id}`),
  '',
  '# caller -> callee',
  ...allKernels.flatMap((kernel) => callees(kernel).map((callee) => `${kernel.id} -> ${callee}`)),
  '',
  '# listener <- event',
  ...(listeners.length > 0 ? listeners : ['none']),
];
generatedFile(root, 'generated/kernel-graph.txt', `${text.join('\n').trimEnd()}\n`, {
  check,
  command: 'node tools/kernel-graph.mjs',
});
