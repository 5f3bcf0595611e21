import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Keeps the newest ledger checkpoint that the bus was given, in a file apart from the ledger's own store. The offline
 * audit holds the ledger against it: one that was cut back to an older signed state is found.
 */
export const createWitnessFile = (home: string): ((note: string) => Promise<void>) => {
  const folder = join(home, 'witness');
  const path = join(folder, 'bus.checkpoint');
  return async (note) => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(`${path}.new`, note, { mode: 0o600 });
    await rename(`${path}.new`, path);
  };
};
