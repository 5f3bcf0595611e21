import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Reads a file of the `generated` folder of the checkout that this code (or its bundle in `dist`) lies in. It is read
 * at each call: such files are large and seldom asked for. Rejects when there is none.
 */
export const readGenerated = async (name: string): Promise<string> => {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const text = await readFile(join(folder, 'generated', name), 'utf8').catch(() => undefined);
    if (text !== undefined) return text;
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`reading generated/${name}: there is none`);
    folder = parent;
  }
};
