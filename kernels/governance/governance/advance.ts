import { decideKillSwitch, standing, type Turn } from '@holdfast/change';
import { HoldfastError, isTerminal, type ChangeState } from '@holdfast/contracts';
import { ENGINE } from './change-events.ts';
import type { ChangeRecord } from './change-record.ts';
import type { Parts } from './context.ts';
import { askGate, dryRun, shouldReplan, standingMove, standingOf } from './deciding.ts';
import { freezeDetail } from './freezes/kill-switch.ts';
import { judgeUnplanned } from './gate/unplanned.ts';
import { planChange } from './planning.ts';
import { hasReceipt, needsReceipt } from './receipt.ts';
import { watchUndo } from './undoing.ts';

/** Nothing to do until somebody kicks; it is looked at again now and then all the same. */
const IDLE: Turn = { wait_ms: 60_000 };
const AGAIN: Turn = { wait_ms: 0 };

/** Between looks for a receipt: an event takes some milliseconds from here to the ledger. */
const RECEIPT_POLL: Turn = { wait_ms: 10 };
const RECEIPT_LATE: Turn = { wait_ms: 250 };
/** Longer than that is worth a word in the record. */
const RECEIPT_LATE_MS = 1_000;

type Step = (parts: Parts, record: ChangeRecord) => Promise<Turn>;

/** Blocks a change while the kill switch is on; answers whether it did. */
const blockedByKillSwitch = async (parts: Parts, record: ChangeRecord): Promise<boolean> => {
  const freeze = await parts.killSwitch.read();
  const killSwitch = { on: freeze.on, detail: freezeDetail(freeze) };
  const gate = decideKillSwitch({ killSwitch }, parts.context.clock.iso());
  if (gate.allowed) return false;
  const patch = { gate, reasons: gate.reasons };
  await parts.changes.commit(record, {
    to: 'blocked',
    actor: ENGINE,
    patch,
    data: { decision: gate },
  });
  return true;
};

const plan: Step = async (parts, record) => {
  const { gate, hits } = await judgeUnplanned(parts, record);
  if (gate.allowed) {
    await planChange(parts, record);
    return AGAIN;
  }
  const patch = { gate, reasons: gate.reasons };
  const move = { to: 'blocked', actor: ENGINE, patch, data: { decision: gate } } as const;
  await parts.changes.commit(record, move, parts.cases.open(record, hits));
  parts.cases.kick();
  return AGAIN;
};

const verify: Step = async (parts, record) => {
  const report = await dryRun(parts, record);
  const move = { to: 'verified', actor: ENGINE, patch: { verify: report } } as const;
  await parts.changes.commit(record, { ...move, data: { verify: report } });
  return AGAIN;
};

const decide: Step = async (parts, record) => {
  if (shouldReplan(record)) await planChange(parts, record);
  else await askGate(parts, record, record.change.verify);
  return AGAIN;
};

/**
 * An approval may come long after the dry run: the world is looked at again before it counts, and before the delay of
 * what is approved begins.
 */
const wait: Step = async (parts, record) => {
  const { change } = record;
  const standing = await standingOf(parts, record);
  const { decision, active_at } = standing;
  if (decision.allowed || (active_at !== null && change.active_at === null)) {
    await askGate(parts, record, await dryRun(parts, record));
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

/** A decision that is older than this is not acted on: the gate is asked again about the world as it is now. */
const DECISION_MS = 30_000;

/** A decision does not outlive the approvals that it rests on: keys may have been revoked since. */
const isOutdated = async (parts: Parts, record: ChangeRecord): Promise<boolean> => {
  const decided = Date.parse(record.change.gate?.decided_at ?? '');
  const age = parts.context.clock.now() - decided;
  return !(age < DECISION_MS) || !(await standingOf(parts, record)).decision.allowed;
};

/**
 * Says durably that it will be applied before anything can be: from here on it cannot be taken back. What is held waits
 * until somebody asks for it. Riskier changes first wait until the ledger has signed for the decision.
 */
const commitToApply: Step = async (parts, record) => {
  const { change } = record;
  const now = parts.context.clock.now();
  if (change.held) return { wait_ms: Math.max(1, Date.parse(change.expires_at) - now) };
  if (needsReceipt(record) && !(await hasReceipt(parts.context, record)))
    return awaitReceipt(parts, record);
  if (await isOutdated(parts, record)) {
    await askGate(parts, record, await dryRun(parts, record));
    return AGAIN;
  }
  if (!(await blockedByKillSwitch(parts, record)))
    await parts.changes.commit(record, { to: 'applying', actor: ENGINE });
  return AGAIN;
};

const awaitReceipt: Step = async (parts, record) => {
  const { change } = record;
  const decided = Date.parse(change.gate?.decided_at ?? '');
  if (parts.context.clock.now() - decided < RECEIPT_LATE_MS) return RECEIPT_POLL;
  if (change.reasons.some(({ code }) => code === 'receipt_missing')) return RECEIPT_LATE;
  const detail = 'the decision is not in the ledger under a signed checkpoint yet';
  const { code, message } = new HoldfastError('receipt_missing', { detail });
  await parts.changes.commit(record, {
    actor: ENGINE,
    patch: { reasons: [{ code, detail: message }] },
  });
  return RECEIPT_LATE;
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
  const reasons = [standing(record.change)];
  const notes = { run_started: true, failures: 0, failing_since: null };
  await parts.changes.commit(record, { actor: ENGINE, patch: { reasons }, notes });
  return IDLE;
};

const STEPS: Readonly<Partial<Record<ChangeState, Step>>> = {
  proposed: plan,
  planned: verify,
  verified: decide,
  waiting: wait,
  approved: commitToApply,
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
