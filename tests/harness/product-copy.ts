import { cpSync, existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KernelId } from '@holdfast/contracts';
import { ROOT } from './stack.ts';

/** A copy of the built product that a test may damage. */
export interface ProductCopy {
  readonly root: string;
  /** From now on this kernel ends as soon as it is started. */
  breakKernel(id: KernelId): void;
  mendKernel(id: KernelId): void;
}

const PARTS = ['bin', 'dist', 'config', 'generated', 'docs', 'package.json'];

export const copyProduct = (root: string): ProductCopy => {
  for (const part of PARTS.filter((name) => existsSync(join(ROOT, name))))
    cpSync(join(ROOT, part), join(root, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  const entry = (base: string, id: KernelId): string => join(base, 'dist', 'kernels', `${id}.js`);
  return {
    root,
    breakKernel: (id) => {
      rmSync(entry(root, id));
      writeFileSync(
        entry(root, id),
        "process.stderr.write('broken on purpose\\n');process.exit(3);\n",
      );
    },
    mendKernel: (id) => cpSync(entry(ROOT, id), entry(root, id)),
  };
};
