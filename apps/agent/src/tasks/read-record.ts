import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SpawnNote } from '@holdfast/contracts';
import { identifyProcess } from '@holdfast/sdk/process';
import { endRecordedChild } from './recorded-child.ts';

/** Where the processes of tasks that change nothing are noted, one file for each task while it runs. */
export interface ReadRecord {
  begin(): { onStart(note: SpawnNote): Promise<void>; end(): Promise<void> };
}

const childrenIn = async (path: string): Promise<{ pid: number; startTime: string }[]> => {
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
  return lines.map((line) => {
    const [pid, ...start] = line.split(' ');
    return { pid: Number(pid), startTime: start.join(' ') };
  });
};

/**
 * Opens the folder `reading` in the agent's directory and first ends what an agent that was killed left running there:
 * `onEnded` is told each pid, `onFailed` why one could not be ended.
 */
export const openReadRecord = async (
  dir: string,
  tell: { onEnded(pid: number): void; onFailed(error: unknown): void },
): Promise<ReadRecord> => {
  const folder = join(dir, 'reading');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = (await readdir(folder)).map((name) => join(folder, name));
  const children = (await Promise.all(files.map(childrenIn))).flat();
  await Promise.all(
    children.map((child) =>
      endRecordedChild(child).then((ended) => ended && tell.onEnded(child.pid), tell.onFailed),
    ),
  );
  for (const file of files) await rm(file, { force: true });
  let count = 0;
  return {
    begin() {
      count += 1;
      const path = join(folder, String(count));
      return {
        async onStart({ pid }) {
          const identity = await identifyProcess(pid);
          if (identity) await appendFile(path, `${pid} ${identity.startTime}\n`, { mode: 0o600 });
        },
        end: () => rm(path, { force: true }),
      };
    },
  };
};
