import {
  approvalsNeeded,
  countingApprovers,
  decide,
  WAITING_REASONS,
  type ApprovalFact,
  type ApprovalRule,
  type GateFacts,
} from '@holdfast/change';
import type { GateDecision, GateReasonCode, VerifyReport } from '@holdfast/contracts';
import { ENGINE } from './change-events.ts';
import type { ChangeRecord } from './change-record.ts';
import type { Parts } from './context.ts';
import { freezeDetail } from './kill-switch.ts';
import type { Move } from './move.ts';
import { OWNER_TIMEOUT_MS, ownerClient } from './owners.ts';

/** Plans are made again this often before a world that keeps moving blocks the change. */
const MAX_REPLANS = 3;

const ruleOf = (parts: Parts, { change, notes }: ChangeRecord): ApprovalRule => {
  const { approval_from_risk, approvals_needed } = parts.context.config;
  const waived = notes.automatic
    ? `undoing change ${change.reverts} was part of its approved plan, so no approval is needed`
    : undefined;
  return {
    from_risk: approval_from_risk,
    needed: approvals_needed,
    forced: notes.forced_approval,
    ...(waived === undefined ? {} : { waived }),
  };
};

const approvalsOf = ({ change, notes }: ChangeRecord): ApprovalFact[] =>
  change.approvals.map(({ principal, plan_hash }) => ({
    principal,
    plan_hash,
    kind: notes.approver_kinds[principal] ?? 'ai',
  }));

/** Whether enough people said yes for the gate to look again. */
export const hasQuorum = (parts: Parts, record: ChangeRecord): boolean => {
  const { change } = record;
  const hash = change.plan?.hash ?? '';
  const given = countingApprovers(approvalsOf(record), change.proposed_by, hash).length;
  return given >= approvalsNeeded(ruleOf(parts, record), change.risk ?? undefined);
};

const gather = async (
  parts: Parts,
  record: ChangeRecord,
  verify: VerifyReport | null,
): Promise<GateFacts> => {
  const { change, notes } = record;
  const freeze = await parts.killSwitch.read();
  const used = notes.automatic ? 0 : await parts.changes.countOpen();
  return {
    author: change.proposed_by,
    killSwitch: { on: freeze.on, detail: freezeDetail(freeze) },
    plan: change.plan ?? undefined,
    worldRevision: verify?.world_revision,
    verify: verify ?? undefined,
    risk: change.risk ?? undefined,
    // No policy, cool-down or freeze window is defined, so none stands against the change.
    policyDenials: [],
    cooldowns: [],
    budget: { used, limit: parts.context.config.max_open_changes },
    freezeWindows: [],
    approvals: approvalsOf(record),
    rule: ruleOf(parts, record),
  };
};

const moveFor = (record: ChangeRecord, gate: GateDecision, rule: ApprovalRule): Move => {
  const data = { decision: gate };
  if (gate.allowed) {
    const reasons =
      rule.waived === undefined ? undefined : [{ code: 'approved', detail: rule.waived }];
    return { to: 'approved', actor: ENGINE, patch: { gate, ...(reasons && { reasons }) }, data };
  }
  const waits = gate.reasons.every(({ code }) => WAITING_REASONS.includes(code as GateReasonCode));
  const patch = { gate, reasons: gate.reasons };
  if (!waits) return { to: 'blocked', actor: ENGINE, patch, data };
  const isWaiting = record.change.state === 'waiting';
  return { ...(isWaiting ? {} : { to: 'waiting' as const }), actor: ENGINE, patch, data };
};

export const dryRun = async (parts: Parts, { change }: ChangeRecord): Promise<VerifyReport> => {
  const plan = change.plan!;
  const options = { signal: parts.context.signal, timeoutMs: OWNER_TIMEOUT_MS };
  return ownerClient(parts.context, plan.owner).verifyPlan({ plan }, options);
};

/** Whether the plan was overtaken by the world and may be made again: nobody has approved it yet. */
export const shouldReplan = ({ change, notes }: ChangeRecord): boolean =>
  change.state === 'verified' &&
  notes.replans < MAX_REPLANS &&
  change.verify?.world_revision !== change.plan?.base.revision;

/** Asks the gate about a plan with this report and records its answer. */
export const askGate = async (
  parts: Parts,
  record: ChangeRecord,
  verify: VerifyReport | null,
): Promise<void> => {
  const gate = decide(await gather(parts, record, verify), parts.context.clock.iso());
  const move = moveFor(record, gate, ruleOf(parts, record));
  await parts.changes.commit(record, { ...move, patch: { ...move.patch, verify } });
};
