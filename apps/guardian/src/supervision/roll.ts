import type { GuardianLog } from '../logs/guardian-log.ts';
import type { ProcessRecord } from '../home/run-files.ts';

interface Options {
  readonly log: GuardianLog;
  record(processes: readonly ProcessRecord[]): Promise<void>;
}

/** Keeps the list of living processes on disk, for a guardian that comes after this one. */
export const createRoll = (options: Options, list: () => readonly ProcessRecord[]) => {
  let recorded = '';
  let recording: Promise<void> = Promise.resolve();
  let failed = false;
  return {
    /** Resolves when the list as it is now can be read. */
    write(): Promise<void> {
      const running = list();
      const content = JSON.stringify(running);
      if (content === recorded) return recording;
      recorded = content;
      recording = options.record(running).then(
        () => void (failed = false),
        (error: Error) => {
          // Serving goes on; the next change tries again.
          recorded = '';
          if (failed) return;
          failed = true;
          options.log.error('could not record the processes', { error: error.message });
        },
      );
      return recording;
    },
  };
};
