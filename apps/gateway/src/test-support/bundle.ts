import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

export interface Bundle {
  /** The program, ready to fork. */
  readonly file: string;
  /** A folder of its own around it. */
  readonly folder: string;
  remove(): void;
}

/** Makes a program of a TypeScript file, as the product's build does: Node 20 runs no TypeScript. */
export const bundleProgram = async (entry: URL): Promise<Bundle> => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-gateway-'));
  const file = join(folder, 'program.mjs');
  await build({
    entryPoints: [entry.pathname],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    external: ['libsql', 'pg', 'pg-native'],
    logLevel: 'error',
    banner: {
      js: "import { createRequire as __r } from 'node:module'; const require = __r(import.meta.url);",
    },
  });
  return { file, folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
};
