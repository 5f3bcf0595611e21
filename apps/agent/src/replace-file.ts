import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a rename durable; not every platform can sync a directory. */
const syncDirectory = async (path: string): Promise<void> => {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Replaces a file as a whole: a reader or a crash sees the old content or the new, durable when it resolves. */
export const replaceFile = async (path: string, content: string, mode: number): Promise<void> => {
  const draft = `${path}.${process.pid}.new`;
  const handle = await open(draft, 'w', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, path);
  await syncDirectory(dirname(path));
};
