import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** JSON with nothing above 0x7F in it, for files that any program may read in any encoding. */
export const asciiJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** A rename is on disk once its folder is. Windows has no handle to a folder, and needs none for this. */
const syncFolder = async (folder: string): Promise<void> => {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/**
 * Replaces a file by the ASCII JSON of a value, readable by its owner only. Readers see the old file or the new one,
 * whatever ends this process or the machine; when it resolves, the new one is durable. One writer a file at a time.
 */
export const replaceJson = async (path: string, value: unknown): Promise<void> => {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const next = join(folder, `.${basename(path)}.next`);
  try {
    const file = await open(next, 'w', 0o600);
    try {
      await file.writeFile(`${asciiJson(value)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(folder);
};
