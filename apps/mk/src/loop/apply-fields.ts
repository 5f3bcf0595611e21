import { blockLine } from '../gates/block-lines.ts';
import { readKillSwitch } from '../gates/kill-switch.ts';
import { applySummary, type ApplyEnd } from './action-results.ts';
import type { ApplyOutcome } from './apply-outcome.ts';

/** What the apply of a pass ends with as a command of its own, whatever came after it: 0 applied, 1 failed, 2 blocked, null not tried. */
const rcOf = ({ kind }: ApplyEnd): number | null => {
  switch (kind) {
    case 'applied':
    case 'reverted':
      return 0;
    case 'failed':
    case 'open':
      return 1;
    case 'blocked':
      return 2;
    default:
      return null;
  }
};

export const blockedReasonOf = ({ end }: ApplyOutcome): string | null =>
  end.kind === 'blocked' ? end.reason : null;

export const blockedLineOf = ({ end }: ApplyOutcome): string | null =>
  end.kind === 'blocked' ? (end.line ?? blockLine(end.reason)) : null;

/** Null: not attempted, or not over yet. */
export const applyOkOf = ({ attempted, end }: ApplyOutcome): boolean | null =>
  attempted && end.kind !== 'open' ? end.kind === 'applied' || end.kind === 'reverted' : null;

/** The fields of a report about verification, gate and apply. */
export const applyFields = (phase: ApplyOutcome, env: NodeJS.ProcessEnv) => {
  const { end, licence, verification } = phase;
  const killSwitch = readKillSwitch(env);
  return {
    apply_attempted: phase.attempted,
    apply_ok: applyOkOf(phase),
    apply_blocked_reason: blockedReasonOf(phase),
    applied_through: phase.appliedThrough ?? null,
    change_id: phase.changeId ?? null,
    apply_decision_summary: applySummary(end),
    kill_switch_active: killSwitch.on,
    kill_switch_signal: killSwitch.signal,
    paid_enabled: licence?.ok ?? false,
    license_path: licence?.path ?? null,
    license_ok: licence?.ok ?? null,
    license_reason: licence === undefined ? null : (licence.reason ?? 'ok'),
    license_expires_at: licence?.expiresAt ?? null,
    entitlements_summary: licence?.entitlements ?? [],
    internal_override: false,
    verify_ok: verification?.ok ?? null,
    verify_blocker_kind: verification?.verify_blocker?.kind ?? null,
    verify_rbac_hint: verification?.details?.rbac.hint ?? null,
    k8s_verify_report_path: phase.verifyReportPath ?? null,
    k8s_apply_report_path: phase.applyReportPath ?? null,
    k8s_apply_rc: rcOf(end),
    regression_watch: phase.watch ?? null,
    revert: phase.revert ?? null,
  };
};
