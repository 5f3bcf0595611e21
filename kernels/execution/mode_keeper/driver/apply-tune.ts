import {
  HoldfastError,
  type OpParsed,
  type StepResult,
  type changeDriverOps,
} from '@holdfast/contracts';
import { canonicalize } from '@holdfast/merkle';
import type { Call, FenceGuard } from '@holdfast/sdk';
import { isStoreError } from '@holdfast/store';
import type { Parts } from '../parts.ts';
import { carryOutStep } from './carry-out-step.ts';
import type { KnownStep } from './step-store.ts';
import { readTuneAction, workloadOfTarget } from './tune-action.ts';

type ApplyInput = OpParsed<(typeof changeDriverOps)['applyStep']>;

interface Running {
  /** The time of the step, as it was given last: it only grows. */
  timeoutMs: number;
  readonly done: Promise<StepResult>;
}

const RUNNING: StepResult = { status: 'running', detail: 'the workload is being changed' };

const orderText = ({ target, action }: ApplyInput): string => canonicalize({ target, action });

/**
 * Applies steps, each (run, step) once: its order is durable before the first call to the cluster, with the fence of who
 * gave it, its result when it ends. A step without a result is taken up again by whoever asks for it.
 */
export const createApplyTune = (parts: Parts, fences: FenceGuard) => {
  const { context, steps } = parts;
  const { clock, log, signal } = context;
  const running = new Map<string, Running>();

  /** The step as it is known, ordered now if it was not. Throws fenced, invalid_input. */
  const know = async (input: ApplyInput): Promise<KnownStep> => {
    const { run, step, fence } = input;
    const action = orderText(input);
    const known = await steps.find(run, step);
    if (known) {
      await fences.check(run, fence);
      if (known.action === action) return known;
      const detail = `step ${step} of run ${run} was ordered before with another action`;
      throw new HoldfastError('invalid_input', { detail });
    }
    try {
      await steps.start({ run, step, action, fence });
    } catch (error) {
      if (isStoreError(error, 'WRITE_CONFLICT')) await fences.check(run, fence);
      if (!isStoreError(error, 'STORE_CONSTRAINT')) throw error;
    }
    return know(input);
  };

  const begin = (input: ApplyInput, { startedMs }: KnownStep): Running => {
    const { run, step, target, timeout_ms } = input;
    const work = async (): Promise<StepResult> => {
      // It may have ended between the look of this call and now.
      const ended = (await steps.find(run, step))?.result;
      if (ended) return ended;
      const result = await carryOutStep(parts, {
        run,
        step,
        workload: workloadOfTarget(target),
        action: readTuneAction(input.action),
        leftMs: () => startedMs + entry.timeoutMs - clock.now(),
      });
      await steps.finish({ run, step }, result);
      return result;
    };
    const entry: Running = { timeoutMs: timeout_ms, done: Promise.resolve().then(work) };
    const key = JSON.stringify([run, step]);
    running.set(key, entry);
    entry.done
      .catch((error: unknown) => {
        if (!signal.aborted) log.error({ err: error, run, step }, 'carrying out a step failed');
      })
      .finally(() => running.delete(key));
    return entry;
  };

  const apply = async (input: ApplyInput, call: Pick<Call, 'signal'>): Promise<StepResult> => {
    readTuneAction(input.action);
    workloadOfTarget(input.target);
    const known = await know(input);
    if (known.result) return known.result;
    const entry = running.get(JSON.stringify([input.run, input.step])) ?? begin(input, known);
    entry.timeoutMs = Math.max(entry.timeoutMs, input.timeout_ms);
    const settled = new AbortController();
    const waited = clock.sleep(input.wait_ms, AbortSignal.any([settled.signal, call.signal]));
    try {
      return (await Promise.race([entry.done, waited])) ?? RUNNING;
    } finally {
      settled.abort();
    }
  };

  return {
    apply,
    busy: (): boolean => running.size > 0,
    /** Resolves once nothing is under way; for the stop of the kernel, whose signal ends what is. */
    async ended(): Promise<void> {
      await Promise.allSettled([...running.values()].map(({ done }) => done));
    },
  };
};
