import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Makes a folder that only its owner may enter. A folder that is there keeps its mode. */
export const makePrivateDirectory = async (path: string): Promise<void> => {
  await mkdir(path, { recursive: true, mode: 0o700 });
};

/** Replaces a file as a whole, readable by its owner only: readers see the old content or the new, never a part. */
export const writePrivateFile = async (
  path: string,
  content: string,
  options: { readonly durable?: boolean } = {},
): Promise<void> => {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}`);
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(content);
      if (options.durable) await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
};

/** Text of a file, undefined when there is none. */
export const readIfPresent = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};
