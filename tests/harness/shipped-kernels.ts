import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KERNEL_TABLE, kernelRow, type KernelId } from '@holdfast/contracts';
import { ROOT } from './stack.ts';

/** Rows of the table that the kernel port document does not have: they were added for the fabric. */
const ADDED: readonly string[] = [
  'infrastructure_manager',
  'memory_kernel',
  'orchestrator',
  'ai_runtime',
  'mode_keeper',
];

/** The twenty kernels of the kernel port document. */
export const SEED_KERNELS: readonly KernelId[] = KERNEL_TABLE.map((row) => row.id).filter(
  (id) => !ADDED.includes(id),
);

const manifest = join(ROOT, 'dist', 'kernels', 'manifest.json');

/** The kernels in the build on disk, by port; none before the first build. */
export const SHIPPED_KERNELS: readonly KernelId[] = (
  existsSync(manifest) ? (JSON.parse(readFileSync(manifest, 'utf8')) as KernelId[]) : []
).toSorted((a, b) => kernelRow(a).port - kernelRow(b).port);

export const MISSING_KERNELS = SEED_KERNELS.filter((id) => !SHIPPED_KERNELS.includes(id));

export const ships = (id: KernelId): boolean => SHIPPED_KERNELS.includes(id);

/** The end of a title of a test that needs all of `ids`: empty, or why it is left out. */
export const unlessShipped = (ids: readonly KernelId[]): string => {
  const missing = ids.filter((id) => !ships(id));
  return missing.length === 0 ? '' : ` (SKIPPED: not shipped yet: ${missing.join(', ')})`;
};
