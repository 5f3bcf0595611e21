import { isStoreError, type Statement } from '@holdfast/store';
import type { WorkflowContext } from './context.ts';

/** How long a run belongs to an engine that says nothing, and how often it says something. */
export const LEASE_MS = 15_000;
export const RENEW_MS = LEASE_MS / 3;
/** Of the engine that made the run. */
export const FIRST_FENCE = 1;

/** This engine's hold on one run. `fence` is larger than that of every engine that had it before. */
export interface Lease {
  readonly run: string;
  readonly fence: number;
  /** By this engine's own clock; only says when to ask, never who is right. */
  untilMs: number;
  lost: boolean;
  /** The run is new, and nobody was asked yet for a step of it. */
  untouched: boolean;
}

/** Another engine has the run: whoever gets this stops driving it. */
export class LeaseLost extends Error {
  constructor(run: string) {
    super(`run ${run} was taken over by another engine`);
  }
}

/**
 * Which runs this engine drives. Several engines may share one store: a run belongs to one of them until its lease is
 * over, by a guarded write. Clocks only decide when somebody tries: who holds a run is decided by its fence, which every
 * write and every step carries.
 */
export interface Leases {
  /** Stands in the row of a run; a run that this engine makes is its own. */
  readonly engine: string;
  untilMs(): number;
  /** Takes note of a run that this engine has just made. */
  born(run: string): void;
  held(run: string): Lease | undefined;
  /** How many runs this engine drives. */
  count(): number;
  /** Takes a run over whose lease is over; undefined while another engine has it. */
  take(run: string): Promise<Lease | undefined>;
  /** Makes sure of a lease that may be over. Throws LeaseLost. */
  confirm(lease: Lease): Promise<void>;
  drop(lease: Lease): void;
  /** Runs with something left to do that no engine has. */
  free(): Promise<string[]>;
  /** Keeps what this engine holds, until the kernel stops. */
  keep(): Promise<void>;
}

/** A store that only this process writes needs no lease: whatever is in there is its own. */
const FOREVER = Number.MAX_SAFE_INTEGER;

export const createLeases = (context: WorkflowContext): Leases => {
  const { store, clock, log, signal } = context;
  const engine = context.ids('eng');
  const isAlone = store.shared !== true;
  const leases = new Map<string, Lease>();
  const untilMs = (): number => (isAlone ? FOREVER : clock.now() + LEASE_MS);

  const hold = (run: string, fence: number, untouched: boolean): Lease => {
    const lease: Lease = { run, fence, untilMs: untilMs(), lost: false, untouched };
    leases.set(run, lease);
    return lease;
  };
  const drop = (lease: Lease): void => {
    lease.lost = true;
    if (leases.get(lease.run) === lease) leases.delete(lease.run);
  };
  const renewal = ({ run, fence }: Lease, until: number): Statement => ({
    sql: 'UPDATE runs SET lease_ms = ? WHERE id = ? AND fence = ? AND lease_ms IS NOT NULL',
    params: [until, run, fence],
  });
  const renew = async (some: readonly Lease[]): Promise<void> => {
    if (some.length === 0) return;
    const until = untilMs();
    const { changes } = await store.write(some.map((lease) => renewal(lease, until)));
    for (const [index, lease] of some.entries()) {
      if (changes[index] === 1) lease.untilMs = Math.max(lease.untilMs, until);
      else drop(lease);
    }
  };

  return {
    engine,
    untilMs,
    born: (run) => void hold(run, FIRST_FENCE, true),
    held: (run) => leases.get(run),
    count: () => leases.size,
    drop,
    async take(run) {
      const { rows } = await context.commit([
        {
          sql: `UPDATE runs SET engine = ?, lease_ms = ?, fence = fence + 1
            WHERE id = ? AND (lease_ms <= ? OR (engine = ? AND lease_ms IS NOT NULL)) RETURNING fence`,
          params: [engine, untilMs(), run, isAlone ? FOREVER : clock.now(), engine],
        },
      ]);
      const fence = rows[0]?.[0]?.['fence'];
      return typeof fence === 'number' ? hold(run, fence, false) : undefined;
    },
    async confirm(lease) {
      if (!isAlone && !lease.lost && clock.now() >= lease.untilMs) await renew([lease]);
      if (lease.lost) throw new LeaseLost(lease.run);
    },
    async free() {
      const rows = await store.read<{ id: string }>(
        'SELECT id FROM runs WHERE lease_ms <= ? ORDER BY seq',
        [isAlone ? FOREVER : clock.now()],
      );
      return rows.map((row) => row.id);
    },
    async keep() {
      while (!isAlone && !signal.aborted) {
        await clock.sleep(RENEW_MS, signal);
        if (signal.aborted) return;
        await renew([...leases.values()]).catch((error: unknown) => {
          if (isStoreError(error, 'STORE_CLOSED')) return;
          log.warn({ err: error }, 'the leases of runs could not be renewed');
        });
      }
    },
  };
};
