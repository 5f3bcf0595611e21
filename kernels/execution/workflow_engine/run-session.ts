import { isStoreError } from '@holdfast/store';
import type { Parts } from './context.ts';
import { LeaseLost, type Lease } from './leases.ts';
import { isFinished, type RunRecord } from './run-record.ts';
import type { Move } from './run-store.ts';

/** One turn of driving a run that this engine holds; `record` is the run as it was last written. */
export interface RunSession {
  readonly record: RunRecord;
  readonly fence: number;
  /** Nobody was asked yet for any step of the run: what says that one is running was written ahead. */
  readonly isUntouched: boolean;
  /**
   * All of what happens, or nothing. Throws LeaseLost when another engine has the run by now. What was said before is no
   * longer said.
   */
  write(...moves: readonly Move[]): Promise<void>;
  /** Says durably what the run waits for; the same words again cost nothing. */
  say(code: string, detail: string): Promise<void>;
  /** Takes back what was said. */
  unsay(): Promise<void>;
  /** Before anything is asked for that changes the world. Throws LeaseLost. */
  confirm(): Promise<void>;
  /** An owner is about to be asked for a step. */
  touch(): void;
  drop(): void;
}

const SILENT = { code: null, detail: '' } as const;

const createSession = ({ runs, leases }: Parts, lease: Lease, loaded: RunRecord): RunSession => {
  let record = loaded;

  const write: RunSession['write'] = async (...moves) => {
    const all = moves.map(({ patch, ...move }) => ({
      ...move,
      patch: { ...patch, run: { ...SILENT, ...patch.run } },
    }));
    try {
      record = await runs.write(record, lease, all);
    } catch (error) {
      if (!isStoreError(error, 'WRITE_CONFLICT')) throw error;
      leases.drop(lease);
      throw new LeaseLost(lease.run);
    }
    if (isFinished(record)) leases.drop(lease);
  };

  return {
    get record() {
      return record;
    },
    fence: lease.fence,
    get isUntouched() {
      return lease.untouched;
    },
    write,
    async say(code, detail) {
      if (record.run.code === code && record.run.detail === detail) return;
      const entry = { kind: 'held', body: { code, detail } } as const;
      await write({ entry, patch: { run: { code, detail } } });
    },
    async unsay() {
      if (record.run.code !== null)
        await write({ entry: { kind: 'held', body: SILENT }, patch: {} });
    },
    confirm: () => leases.confirm(lease),
    touch: () => void (lease.untouched = false),
    drop: () => leases.drop(lease),
  };
};

/** Undefined when there is nothing to drive here: the run is over, or another engine has it. */
export const openSession = async (parts: Parts, id: string): Promise<RunSession | undefined> => {
  const { runs, leases } = parts;
  const held = leases.held(id);
  const seen = await runs.find(id);
  if (!seen || isFinished(seen)) return undefined;
  if (held) return createSession(parts, held, seen);
  const taken = await leases.take(id);
  // Read again: the engine that had it may have gone on until it lost it.
  const record = taken && (await runs.find(id));
  if (!record || isFinished(record)) {
    if (taken) leases.drop(taken);
    return undefined;
  }
  return createSession(parts, taken, record);
};
