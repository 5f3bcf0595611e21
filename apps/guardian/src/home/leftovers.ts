import type { GuardianLog } from '../logs/guardian-log.ts';
import type { ProcessRecord } from './run-files.ts';
import { terminate } from '@holdfast/sdk/process';

/**
 * Ends what a guardian left behind that was killed: its kernels hold the ports and the files. Only processes whose pid
 * and start time are on record are touched. They are asked first, and have `graceMs` to put their work in order.
 */
export const clearLeftovers = async (
  leftovers: readonly ProcessRecord[],
  graceMs: number,
  log: GuardianLog,
): Promise<void> => {
  await Promise.all(
    leftovers.map(async (one) => {
      const how = await terminate(one, { graceMs });
      if (how === 'gone') return;
      log.warn('ended a process of an earlier guardian', {
        process: one.name,
        child: one.pid,
        how,
      });
    }),
  );
};
