import { backoffMs, emptySample, isTransient, sampleTimes } from '@holdfast/change';
import type { SignalSample } from '@holdfast/contracts';
import type { WorkflowContext } from './context.ts';
import { ownerClient } from './owners.ts';
import type { RunRecord } from './run-record.ts';

const CALL_TIMEOUT_MS = 10_000;
/** How long an owner may be away before a sample counts as not measured. */
const GIVE_UP_MS = 20_000;

const isWatched = ({ plan }: RunRecord): boolean => (plan.signals ?? []).length > 0;

/** One look at all signals of a plan; one that is full of nulls when the owner could not be asked in time. */
const sampleOnce = async (
  context: WorkflowContext,
  { run, plan }: RunRecord,
): Promise<SignalSample> => {
  const { clock, log, signal } = context;
  const startedMs = clock.now();
  for (let failures = 1; ; failures += 1) {
    try {
      const owner = ownerClient(context, plan.owner, plan.kind);
      return await owner.sampleSignals({ plan }, { signal, timeoutMs: CALL_TIMEOUT_MS });
    } catch (error) {
      signal.throwIfAborted();
      if (!isTransient(error) || clock.now() - startedMs >= GIVE_UP_MS) {
        log.warn({ err: error, run: run.id }, 'the signals of a run could not be measured');
        return emptySample(plan.signals ?? [], clock.iso());
      }
      await clock.sleep(backoffMs(failures), signal);
      signal.throwIfAborted();
    }
  }
};

/** Measures the signals of a plan all over a window that begins now; empty when it has none. */
export const sampleWindow = async (
  context: WorkflowContext,
  record: RunRecord,
  windowMs: number,
): Promise<SignalSample[]> => {
  const { clock, signal } = context;
  if (!isWatched(record)) return [];
  const startedMs = clock.now();
  const samples: SignalSample[] = [];
  for (const time of sampleTimes(windowMs)) {
    const leftMs = startedMs + time - clock.now();
    if (leftMs > 0) await clock.sleep(leftMs, signal);
    signal.throwIfAborted();
    samples.push(await sampleOnce(context, record));
  }
  return samples;
};
