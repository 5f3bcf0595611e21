import type { PackageDriver, TaskResult } from '@holdfast/contracts';
import { carryOutRead, type ReadTask } from './read-tasks.ts';
import type { ReadRecord } from './read-record.ts';

/** Carries out tasks that change nothing, all at once. */
export interface ReadRunner {
  /** The result; undefined when `stop` ended the task, so that there is nothing to tell. */
  run(taskId: string, task: ReadTask): Promise<TaskResult | undefined>;
  /** Ends what runs; resolves when the last of its processes is gone. */
  stop(): Promise<void>;
}

export const createReadRunner = (
  drivers: readonly PackageDriver[],
  record: ReadRecord,
): ReadRunner => {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = new Set<Promise<unknown>>();

  const carryOut = async (taskId: string, task: ReadTask): Promise<TaskResult | undefined> => {
    if (signal.aborted) return undefined;
    const { onStart, end } = record.begin();
    const result = await carryOutRead(drivers, taskId, task, { signal, onStart });
    await end();
    return signal.aborted ? undefined : result;
  };

  return {
    run(taskId, task) {
      const work = carryOut(taskId, task);
      const settled: Promise<unknown> = work
        .catch(() => undefined)
        .finally(() => running.delete(settled));
      running.add(settled);
      return work;
    },
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
};
