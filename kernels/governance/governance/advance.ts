import { decideKillSwitch, standing, type Turn } from '@holdfast/change';
import { isTerminal, type ChangeState } from '@holdfast/contracts';
import { ENGINE } from './change-events.ts';
import type { ChangeRecord } from './change-record.ts';
import type { Parts } from './context.ts';
import { askGate, dryRun, hasQuorum, shouldReplan } from './deciding.ts';
import { freezeDetail } from './kill-switch.ts';
import { planChange } from './planning.ts';
import { hasReceipt, needsReceipt } from './receipt.ts';
import { watchUndo } from './undoing.ts';

/** Nothing to do until somebody kicks; it is looked at again now and then all the same. */
const IDLE: Turn = { wait_ms: 60_000 };
const AGAIN: Turn = { wait_ms: 0 };

/** Between looks for a receipt: an event takes some milliseconds from here to the ledger. */
const RECEIPT_POLL: Turn = { wait_ms: 50 };

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
  if (!(await blockedByKillSwitch(parts, record))) await planChange(parts, record);
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

/** An approval may come long after the dry run: the world is looked at again before it counts. */
const wait: Step = async (parts, record) => {
  if (!hasQuorum(parts, record)) {
    const left = Date.parse(record.change.expires_at) - parts.context.clock.now();
    return { wait_ms: Math.max(1, left) };
  }
  await askGate(parts, record, await dryRun(parts, record));
  return AGAIN;
};

/**
 * Says durably that it will be applied before anything can be: from here on it cannot be taken back. Riskier changes
 * first wait until the ledger has signed for the decision.
 */
const commitToApply: Step = async (parts, record) => {
  if (needsReceipt(record) && !(await hasReceipt(parts.context, record))) return RECEIPT_POLL;
  if (!(await blockedByKillSwitch(parts, record)))
    await parts.changes.commit(record, { to: 'applying', actor: ENGINE });
  return AGAIN;
};

const start: Step = async (parts, record) => {
  if (record.notes.run_started) return IDLE;
  const { id, plan: approved } = record.change;
  const { context } = parts;
  const watch_ms = Math.round(context.config.watch_s * 1000);
  const request = { id, plan: approved!, watch_ms };
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
