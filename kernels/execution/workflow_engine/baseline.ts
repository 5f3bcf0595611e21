import { missingData, type Turn } from '@holdfast/change';
import { HoldfastError } from '@holdfast/contracts';
import type { Parts } from './context.ts';
import type { RunRecord } from './run-record.ts';
import type { RunSession } from './run-session.ts';
import { sampleWindow } from './sampling.ts';

const AGAIN: Turn = { wait_ms: 0 };

/** Whether the signals of a run are still to be measured: before its first step, and never after it. */
export const needsBaseline = ({ plan, run, measured }: RunRecord): boolean =>
  !measured &&
  (plan.signals ?? []).length > 0 &&
  run.steps.every(({ state }) => state === 'pending');

/** Measures how the world is before the first step. What cannot be measured ends the run while it is untouched. */
export const measureBaseline = async ({ context }: Parts, session: RunSession): Promise<Turn> => {
  const { record } = session;
  const baseline = await sampleWindow(context, record, record.baseline_ms);
  const missing = (record.plan.signals ?? []).flatMap(
    ({ name }) => missingData(name, baseline) ?? [],
  );
  const detail = `before the first step: ${missing.join('; ')}`;
  const { code, message } = new HoldfastError('watch_failed', { detail });
  const since = context.clock.iso();
  await session.write({
    entry: { kind: 'measured', body: { samples: baseline.length, missing } },
    patch: {
      run: { baseline },
      measured: true,
      failure: missing.length === 0 ? null : { code, detail: message, since },
    },
  });
  return AGAIN;
};
