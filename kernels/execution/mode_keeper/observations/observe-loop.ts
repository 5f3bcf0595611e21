import { isHoldfastError, type TunedWorkload } from '@holdfast/contracts';
import { SELF } from '../config.ts';
import type { Parts } from '../parts.ts';
import type { Observe } from './observer.ts';

const PARALLEL = 4;
const LONGEST_REST_MS = 5_000;

export interface ObserveLoop {
  /** Looks at every registered workload each of its intervals, until the kernel stops. */
  run(): Promise<void>;
  /** How many workloads were registered at the last look around. */
  watched(): number;
  /** Makes it look around now: something was registered or removed. */
  wake(): void;
}

export const createObserveLoop = (
  { context, workloads }: Pick<Parts, 'context' | 'workloads'>,
  observe: Observe,
): ObserveLoop => {
  const { clock, config, log, signal } = context;
  const lastMs = new Map<string, number>();
  let rest = new AbortController();
  let watched = 0;

  const intervalMs = ({ interval_s }: TunedWorkload): number =>
    (interval_s ?? config.interval_s) * 1000;

  /** A look that failed counts, too: nothing is gained by hurrying. */
  const leftMs = (workload: TunedWorkload): number => {
    const stored = workload.observed_at === null ? 0 : Date.parse(workload.observed_at);
    const last = Math.max(stored, lastMs.get(workload.id) ?? 0);
    return Math.max(0, last + intervalMs(workload) - clock.now());
  };

  const look = async ({ id }: TunedWorkload): Promise<void> => {
    lastMs.set(id, clock.now());
    try {
      await observe(id, SELF);
    } catch (error) {
      if (signal.aborted || isHoldfastError(error, 'workload_not_found')) return;
      log.error({ err: error, workload: id }, 'observing a workload failed');
    }
  };

  const lookAround = async (): Promise<number> => {
    const all = await workloads.all();
    watched = all.length;
    const due = all.filter((workload) => leftMs(workload) === 0);
    const worker = async (): Promise<void> => {
      for (let next = due.pop(); next && !signal.aborted; next = due.pop()) await look(next);
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
    return all.reduce((least, workload) => Math.min(least, leftMs(workload)), LONGEST_REST_MS);
  };

  return {
    watched: () => watched,
    wake: () => rest.abort(),
    async run() {
      signal.addEventListener('abort', () => rest.abort(), { once: true });
      while (!signal.aborted) {
        rest = new AbortController();
        const { signal: woken } = rest;
        const restMs = await lookAround().catch((error: unknown) => {
          if (!signal.aborted) log.error({ err: error }, 'looking for workloads failed');
          return LONGEST_REST_MS;
        });
        if (!signal.aborted) await clock.sleep(Math.max(1, restMs), woken);
      }
    },
  };
};
