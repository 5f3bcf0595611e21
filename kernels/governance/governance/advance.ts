import { standing, type Turn } from '@holdfast/change';
import { isTerminal, type ChangeState } from '@holdfast/contracts';
import { ENGINE } from './change-events.ts';
import type { ChangeRecord } from './change-record.ts';
import type { Parts } from './context.ts';
import { askGateAgain, standingMove, standingOf } from './deciding.ts';
import { runUp } from './run-up.ts';
import { watchUndo } from './undoing.ts';

/** Nothing to do until somebody kicks; it is looked at again now and then all the same. */
const IDLE: Turn = { wait_ms: 60_000 };
const AGAIN: Turn = { wait_ms: 0 };

type Step = (parts: Parts, record: ChangeRecord) => Promise<Turn>;

/**
 * An approval may come long after the dry run: the world is looked at again before it counts, and before the delay of
 * what is approved begins.
 */
const wait: Step = async (parts, record) => {
  const { change } = record;
  const standing = await standingOf(parts, record);
  const { decision, active_at } = standing;
  if (decision.allowed || (active_at !== null && change.active_at === null)) {
    await askGateAgain(parts, record);
    return AGAIN;
  }
  const move = standingMove(record, standing);
  if (move) {
    await parts.changes.commit(record, move);
    return AGAIN;
  }
  const until = Math.min(Date.parse(change.expires_at), Date.parse(active_at ?? change.expires_at));
  return { wait_ms: Math.max(1, until - parts.context.clock.now()) };
};

/** What is on hold does not stay approved by somebody whose word does not count any more. */
const hold: Step = async (parts, record) => {
  if (!record.change.held || (await standingOf(parts, record)).decision.allowed)
    return runUp(parts, record);
  await askGateAgain(parts, record);
  return AGAIN;
};

/** It is no longer waited for what failed before. */
const calmDown: Step = async (parts, record) => {
  const reasons = [standing(record.change)];
  const notes = { failures: 0, failing_since: null };
  await parts.changes.commit(record, { actor: ENGINE, patch: { reasons }, notes });
  return IDLE;
};

const start: Step = async (parts, record) => {
  if (record.notes.run_started) return IDLE;
  const { id, plan: approved, reverts } = record.change;
  const { context } = parts;
  const request = {
    id,
    plan: approved!,
    baseline_ms: Math.round(context.config.baseline_s * 1000),
    watch_ms: Math.round(context.config.watch_s * 1000),
    ...(reverts === null ? {} : { reverts }),
  };
  await context.needs.workflow.startRun(request, { signal: context.signal });
  // The first report of the run says durably that it has begun: until then it is asked for again, which changes nothing.
  return record.notes.failures === 0 ? IDLE : calmDown(parts, record);
};

const STEPS: Readonly<Partial<Record<ChangeState, Step>>> = {
  proposed: runUp,
  planned: runUp,
  verified: runUp,
  waiting: wait,
  approved: hold,
  applying: start,
  watching: async () => IDLE,
  reverting: watchUndo,
};

/** Moves an open change one step on. Repeatable: what was not committed is done again. */
export const advance = async (parts: Parts, record: ChangeRecord): Promise<Turn> => {
  const { state } = record.change;
  if (isTerminal(state)) return 'done';
  return (await STEPS[state]?.(parts, record)) ?? IDLE;
};
