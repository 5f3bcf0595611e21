import { envelope } from '../artifacts/envelope.ts';
import type { OutDir, WrittenReport } from '../artifacts/out-dir.ts';

/**
 * The report of an apply that the kill switch stopped: at the door, so nothing is known of plan, licence or verification.
 */
export const killSwitchBlock = (facts: {
  readonly out: OutDir;
  readonly now: () => number;
  readonly planPath: string;
  readonly signal: string | null;
  readonly force?: boolean;
  readonly standalone?: boolean;
  readonly prefix?: string;
  readonly mode?: string;
}): WrittenReport => {
  const { out, now, planPath, signal } = facts;
  const startedMs = now();
  out.explain('k8s_apply_start', { k8s_plan_path: planPath });
  out.explain('k8s_apply_blocked', { reason: 'kill_switch', detail: signal });
  const report = out.report(facts.prefix ?? 'k8s_apply', {
    ...envelope({
      startedMs,
      finishedMs: now(),
      outDir: out.path,
      mode: facts.mode ?? 'K8S_APPLY',
      apply: true,
    }),
    k8s_plan_path: planPath,
    k8s_plan_items: null,
    k8s_namespace: null,
    k8s_deployment: null,
    objects: [],
    ok: false,
    block_reason: 'kill_switch',
    block_detail: signal,
    reason: 'kill_switch',
    applied_through: null,
    standalone_forced: facts.standalone ?? false,
    change_id: null,
    stack: null,
    license_ok: null,
    license_path: null,
    verify_ok: null,
    verify_detail: null,
    verify_report_path: null,
    force: facts.force ?? false,
    checks: { items: [] },
    items: [],
    details: {},
  });
  out.explain('k8s_apply_report', { ok: false, report_path: report.path });
  return report;
};
