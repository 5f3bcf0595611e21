import {
  challengeEnds,
  decide,
  decideApprovals,
  tally,
  WAITING_REASONS,
  type ApprovalFacts,
  type ApprovalRule,
} from '@holdfast/change';
import type {
  GateDecision,
  GateReasonCode,
  PolicyVerdict,
  VerifyReport,
} from '@holdfast/contracts';
import { ENGINE, transitionEvent } from './change-events.ts';
import type { ChangeRecord } from './change-record.ts';
import type { Alongside } from './change-store.ts';
import type { Parts } from './context.ts';
import { approvalFacts, tripwireHits } from './gate/approval-facts.ts';
import { askPolicies } from './gate/ask-policies.ts';
import { gather, type Gathered } from './gate/gather.ts';
import type { Move } from './move.ts';
import { OWNER_TIMEOUT_MS, ownerClient } from './owners.ts';

/** Plans are made again this often before a world that keeps moving blocks the change. */
const MAX_REPLANS = 3;

const approvedBecause = (rule: ApprovalRule | undefined) =>
  rule?.waived === undefined ? {} : { reasons: [{ code: 'approved', detail: rule.waived }] };

const activeAt = (facts: ApprovalFacts): string | null => {
  const counted = tally(facts);
  if (counted === undefined || facts.rule === undefined) return null;
  return challengeEnds(counted, facts.rule) ?? null;
};

/** Who said yes as it stands now. `active_at`: when the delay of what is approved ends, or null. */
export interface Standing {
  readonly decision: GateDecision;
  readonly active_at: string | null;
}

/** Looks at the approvals alone: keys are revoked, voters removed and delays over without a word to the change. */
export const standingOf = async (parts: Parts, record: ChangeRecord): Promise<Standing> => {
  const facts = await approvalFacts(parts, record, await tripwireHits(parts, record));
  const decision = decideApprovals(facts, parts.context.clock.iso());
  return { decision, active_at: activeAt(facts) };
};

/** Writes down who is missing now; undefined when the record says so already. */
export const standingMove = ({ change }: ChangeRecord, standing: Standing): Move | undefined => {
  const { decision, active_at } = standing;
  const { reasons, first } = decision;
  const { gate } = change;
  const isKnown =
    active_at === change.active_at && JSON.stringify(reasons) === JSON.stringify(gate?.reasons);
  if (gate === null || isKnown) return undefined;
  return { actor: ENGINE, patch: { gate: { ...gate, reasons, first }, reasons, active_at } };
};

const moveFor = (record: ChangeRecord, gate: GateDecision, { facts, policies }: Gathered): Move => {
  const { state } = record.change;
  const data = { decision: gate, policies };
  const patch = { gate, active_at: activeAt(facts) };
  const actor = ENGINE;
  if (gate.allowed) {
    // What was approved before keeps its state; that it was looked at again is on record all the same.
    const allowed = { ...patch, ...approvedBecause(facts.rule) };
    if (state !== 'approved') return { to: 'approved', actor, patch: allowed, data };
    const after = { ...record.change, ...allowed, version: record.change.version + 1 };
    return { actor, patch: allowed, events: [transitionEvent(after, state, actor, data)] };
  }
  const waits = gate.reasons.every(({ code }) => WAITING_REASONS.includes(code as GateReasonCode));
  const refused = { ...patch, reasons: gate.reasons };
  if (!waits || state === 'approved') return { to: 'blocked', actor, patch: refused, data };
  return {
    ...(state === 'waiting' ? {} : { to: 'waiting' as const }),
    actor,
    patch: refused,
    data,
  };
};

export const dryRun = async (parts: Parts, { change }: ChangeRecord): Promise<VerifyReport> => {
  const plan = change.plan!;
  const options = { signal: parts.context.signal, timeoutMs: OWNER_TIMEOUT_MS };
  return ownerClient(parts, plan.owner, plan.target).verifyPlan({ plan }, options);
};

/** Whether the plan was overtaken by the world and may be made again: nobody has approved it yet. */
export const shouldReplan = ({ change, notes }: ChangeRecord): boolean =>
  change.state === 'verified' &&
  notes.replans < MAX_REPLANS &&
  change.verify?.world_revision !== change.plan?.base.revision;

/** What is to be written after a look at a change, in one write. */
export interface Judged {
  readonly move: Move;
  readonly also: Alongside;
}

/** Asks the gate about a plan with this report: the move that follows, with the tripwires that it touched. */
export const judge = async (
  parts: Parts,
  record: ChangeRecord,
  verify: VerifyReport | null,
  policies: () => Promise<PolicyVerdict> = () => askPolicies(parts, record, true),
): Promise<Judged> => {
  const gathered = await gather(parts, record, verify, policies);
  const gate = decide(gathered.facts, parts.context.clock.iso());
  const move = moveFor(record, gate, gathered);
  return {
    move: { ...move, patch: { ...move.patch, verify } },
    also: await parts.cases.open(record, gathered.hits),
  };
};

/** Looks at the world again, asks the gate and records its answer. */
export const askGateAgain = async (parts: Parts, record: ChangeRecord): Promise<void> => {
  const { move, also } = await judge(parts, record, await dryRun(parts, record));
  await parts.changes.commit(record, move, also);
  parts.cases.kick();
};
