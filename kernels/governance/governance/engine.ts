import { createKeyedLoops, isTransient, reasonOf, backoffMs, type Turn } from '@holdfast/change';
import { HoldfastError, isTerminal, type ChangeState, type Reason } from '@holdfast/contracts';
import { isStoreError } from '@holdfast/store';
import { advance } from './advance.ts';
import { ENGINE } from './change-events.ts';
import type { ChangeRecord } from './change-record.ts';
import type { Parts } from './context.ts';
import { expiry } from './expiry.ts';

/** How long an owner may be away while a change is planned or verified. An undo waits for it until it expires. */
const GIVE_UP_MS = 60_000;

/** A change whose write was not known to be made has no loop that drives it: open ones are looked for now and then. */
const SWEEP_MS = 30_000;

/** The key of the loop that looks for open changes; no id of a change looks like it. */
const ALL_OPEN = '*';

const NEVER_GIVEN_UP: readonly ChangeState[] = ['approved', 'applying', 'reverting'];

const hasGivenUp = ({ change, notes }: ChangeRecord, now: number): boolean => {
  // What was allowed or started is never given up here: it expires, or its run and its undo come to an end.
  if (NEVER_GIVEN_UP.includes(change.state)) return false;
  if (notes.automatic || notes.failing_since === null) return false;
  return now - Date.parse(notes.failing_since) >= GIVE_UP_MS;
};

/** Drives every open change until it is finished, whatever fails on the way. */
export interface Engine {
  kick(change: string): void;
  /** Takes up every change that a former process left open. */
  resume(): void;
  ended(): Promise<void>;
}

export const createEngine = (parts: Parts): Engine => {
  const { changes } = parts;
  const { clock, log, signal } = parts.context;

  const fail = async (record: ChangeRecord, reason: Reason): Promise<void> => {
    await changes.commit(record, { to: 'failed', actor: ENGINE, patch: { reasons: [reason] } });
  };

  /** Counts a failure durably and says in the record what is being waited for. */
  const failedOnce = async (record: ChangeRecord, error: unknown): Promise<Turn> => {
    const reason = reasonOf(error);
    if (!isTransient(error)) {
      await fail(record, reason);
      return { wait_ms: 0 };
    }
    if (hasGivenUp(record, clock.now())) {
      const detail = `gave up after ${GIVE_UP_MS / 1000} s: ${reason.detail}`;
      await fail(record, reasonOf(new HoldfastError('plan_failed', { detail })));
      return { wait_ms: 0 };
    }
    const failures = record.notes.failures + 1;
    const failing_since = record.notes.failing_since ?? clock.iso();
    // Why a change is being undone must not be lost to what the undo waits for.
    const patch = record.change.state === 'reverting' ? {} : { reasons: [reason] };
    await changes.commit(record, {
      actor: ENGINE,
      patch,
      notes: { failures, failing_since },
    });
    return { wait_ms: backoffMs(failures) };
  };

  const turn = async (id: string): Promise<Turn> => {
    const record = await changes.find(id);
    if (!record) return 'done';
    if (isTerminal(record.change.state)) {
      if (record.change.reverts !== null) loops.kick(record.change.reverts);
      return 'done';
    }
    try {
      const late = expiry(record.change, clock.now());
      if (late) {
        await changes.commit(record, late);
        return { wait_ms: 0 };
      }
      return await advance(parts, record);
    } catch (error) {
      // Somebody moved the change meanwhile (an approval, a report): look at what it is now.
      if (isStoreError(error, 'WRITE_CONFLICT')) return { wait_ms: 0 };
      if (isStoreError(error) || signal.aborted) throw error;
      if (!(error instanceof HoldfastError)) log.error({ err: error, change: id }, 'advancing');
      return failedOnce(record, error);
    }
  };

  /** Whether a sweep only looks for what has no loop; after a thaw and at the start all are looked at. */
  let resumed = false;
  const resumeAll = async (): Promise<Turn> => {
    for (const id of await changes.openIds()) {
      if (resumed) loops.ensure(id);
      else loops.kick(id);
    }
    resumed = true;
    return { wait_ms: SWEEP_MS };
  };

  const onError = (change: string, error: unknown): void =>
    log.error({ err: error, change }, 'driving a change failed');
  const loops = createKeyedLoops(
    { sleep: (ms, wake) => clock.sleep(ms, wake), signal, onError },
    async (key) => (key === ALL_OPEN ? resumeAll() : turn(key)),
  );

  return {
    kick: loops.kick,
    resume() {
      resumed = false;
      loops.kick(ALL_OPEN);
    },
    ended: loops.ended,
  };
};
