import { isHoldfastError, type KernelHealth, type TunedWorkload } from '@holdfast/contracts';
import { SELF } from '../config.ts';
import type { Parts } from '../parts.ts';
import type { Observe } from './observer.ts';

const PARALLEL = 16;
/** A cluster that is away takes its time with each call, and not the turn of all others. */
const PARALLEL_OF_CONTEXT = 8;
const LONGEST_REST_MS = 5_000;
/** With many workloads one is always nearly due: they are looked up together. */
const SHORTEST_REST_MS = 500;
/** No look takes that long: each of its calls has a limit of its own. */
const LONGEST_LOOK_MS = 600_000;

export interface ObserveLoop {
  /** Looks at every registered workload each of its intervals, until the kernel stops. */
  run(): Promise<void>;
  /** How many workloads were registered at the last look around. */
  watched(): number;
  /** Makes it look around now: something was registered or removed. */
  wake(): void;
  /** Not ok where it has ended or hangs: only another process would go on. */
  health(): KernelHealth['checks'][number];
}

interface UnderWay {
  readonly context: string | null;
  readonly sinceMs: number;
  readonly ended: Promise<void>;
}

export const createObserveLoop = (
  { context, workloads }: Pick<Parts, 'context' | 'workloads'>,
  observe: Observe,
): ObserveLoop => {
  const { clock, config, log, signal } = context;
  const lastMs = new Map<string, number>();
  const underWay = new Map<string, UnderWay>();
  let due: TunedWorkload[] = [];
  let rest = new AbortController();
  let watched = 0;
  let hasEnded = false;

  const intervalMs = ({ interval_s }: TunedWorkload): number =>
    (interval_s ?? config.interval_s) * 1000;

  /** A look that failed counts, too: nothing is gained by hurrying. A time to come is one of before the clock was set back. */
  const leftMs = (workload: TunedWorkload): number => {
    const now = clock.now();
    const stored = workload.observed_at === null ? 0 : Date.parse(workload.observed_at);
    const looks = [stored, lastMs.get(workload.id) ?? 0].filter((ms) => ms <= now);
    return Math.max(0, Math.max(0, ...looks) + intervalMs(workload) - now);
  };

  const look = async ({ id }: TunedWorkload): Promise<void> => {
    try {
      await observe(id, SELF);
    } catch (error) {
      if (signal.aborted || isHoldfastError(error, 'workload_not_found')) return;
      log.error({ err: error, workload: id }, 'observing a workload failed');
    } finally {
      underWay.delete(id);
      lookAtNext();
    }
  };

  const mayBegin = ({ context: place }: TunedWorkload): boolean =>
    [...underWay.values()].filter((one) => one.context === place).length < PARALLEL_OF_CONTEXT;

  const lookAtNext = (): void => {
    while (underWay.size < PARALLEL && !signal.aborted) {
      const index = due.findIndex(mayBegin);
      const [next] = index < 0 ? [] : due.splice(index, 1);
      if (!next) return;
      const sinceMs = clock.now();
      lastMs.set(next.id, sinceMs);
      underWay.set(next.id, { context: next.context, sinceMs, ended: look(next) });
    }
  };

  /** Begins what is due; how long until something else is (ms). */
  const lookAround = async (): Promise<number> => {
    const all = await workloads.all();
    watched = all.length;
    const ids = new Set(all.map(({ id }) => id));
    for (const id of lastMs.keys()) if (!ids.has(id)) lastMs.delete(id);
    const idle = all
      .filter(({ id }) => !underWay.has(id))
      .map((workload) => ({ workload, left: leftMs(workload) }));
    due = idle.filter(({ left }) => left === 0).map(({ workload }) => workload);
    lookAtNext();
    return idle.reduce(
      (least, { left }) => (left === 0 ? least : Math.min(least, left)),
      LONGEST_REST_MS,
    );
  };

  return {
    watched: () => watched,
    wake: () => rest.abort(),
    health() {
      const now = clock.now();
      const hanging = [...underWay].find(([, { sinceMs }]) => now - sinceMs > LONGEST_LOOK_MS);
      const why = hasEnded ? 'it has ended' : hanging && `the look at ${hanging[0]} does not end`;
      return { name: 'loop', ok: why === undefined, detail: why ?? `${watched} workloads` };
    },
    async run() {
      signal.addEventListener('abort', () => rest.abort(), { once: true });
      try {
        while (!signal.aborted) {
          rest = new AbortController();
          const { signal: woken } = rest;
          const restMs = await lookAround().catch((error: unknown) => {
            if (!signal.aborted) log.error({ err: error }, 'looking for workloads failed');
            return LONGEST_REST_MS;
          });
          if (!signal.aborted) await clock.sleep(Math.max(SHORTEST_REST_MS, restMs), woken);
        }
      } finally {
        hasEnded = true;
        await Promise.all([...underWay.values()].map(({ ended }) => ended));
      }
    },
  };
};
