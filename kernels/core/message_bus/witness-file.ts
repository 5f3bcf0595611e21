import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Keeps the newest ledger checkpoint that the bus was given, in a file apart from the ledger's own store. The offline
 * audit holds the ledger against it: one that was cut back to an older signed state is found.
 */
export const createWitnessFile = (home: string): ((note: string) => Promise<void>) => {
  const folder = join(home, 'witness');
  const path = join(folder, 'bus.checkpoint');
  const write = async (note: string): Promise<void> => {
    await writeFile(`${path}.new`, note, { mode: 0o600 });
    await rename(`${path}.new`, path);
  };
  return (note) =>
    write(note).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await write(note);
    });
};
