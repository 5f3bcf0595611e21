import { realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { observeFile, type Observed } from '@holdfast/telemetry';

/** Files are read whole at each look; one that grew larger is to be rotated. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Reads a sample file under `telemetry` in the home of the stack: a workload must not be a way to look at other files.
 * Throws an error for people.
 */
export const observeSampleFile = async (home: string, path: string): Promise<Observed> => {
  const folder = await realpath(join(home, 'telemetry')).catch(() => undefined);
  const file = folder && (await realpath(resolve(folder, path)).catch(() => undefined));
  if (folder === undefined || file === undefined || !file.startsWith(folder + sep))
    throw new Error(`there is no file ${JSON.stringify(path)} in the telemetry folder`);
  const { size, isFile } = await stat(file).then((found) => ({
    size: found.size,
    isFile: found.isFile(),
  }));
  if (!isFile) throw new Error(`${JSON.stringify(path)} is not a regular file`);
  if (size > MOST_BYTES)
    throw new Error(`${JSON.stringify(path)} has ${size} bytes, the most is ${MOST_BYTES}`);
  return observeFile(file);
};
