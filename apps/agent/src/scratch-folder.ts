import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const scratchFolder = (dir: string): string => join(dir, 'tmp');

/** Makes an empty folder for temporary files; what an agent that was killed left there goes. */
export const emptyScratchFolder = async (dir: string): Promise<void> => {
  await rm(scratchFolder(dir), { recursive: true, force: true });
  await mkdir(scratchFolder(dir), { recursive: true, mode: 0o700 });
};

/** Lets this process and every tool that it starts keep temporary files in the scratch folder of an agent's home. */
export const useScratchFolder = (home: string): void => {
  process.env['TMPDIR'] = scratchFolder(join(home, 'agent'));
};
