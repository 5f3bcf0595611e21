import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KernelId } from '@holdfast/contracts';
import { HoldfastError, isKernelId } from '@holdfast/contracts';

const invalid = (detail: string): HoldfastError =>
  new HoldfastError('config_invalid', {
    kernel: 'guardian',
    detail: `kernels/manifest.json: ${detail}`,
  });

/** Ids of the kernels that this build ships, as the build wrote them. Throws config_invalid. */
export const readManifest = async (distDir: string): Promise<readonly KernelId[]> => {
  let list: unknown;
  try {
    list = JSON.parse(await readFile(join(distDir, 'kernels', 'manifest.json'), 'utf8'));
  } catch (cause) {
    throw invalid(cause instanceof SyntaxError ? 'not valid JSON' : 'missing from this build');
  }
  if (!Array.isArray(list)) throw invalid('expected a list of kernel ids');
  return list.map((id: unknown) => {
    if (typeof id === 'string' && isKernelId(id)) return id;
    throw invalid(`there is no kernel ${JSON.stringify(id)}`);
  });
};
