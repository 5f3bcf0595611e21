import { verifyPlan, type Cluster, type PlanVerification } from '@holdfast/kube';
import type { PlanItem } from '@holdfast/tuning';
import { envelope } from '../artifacts/envelope.ts';
import type { OutDir, WrittenReport } from '../artifacts/out-dir.ts';
import { planFacts } from '../cluster/load-plan.ts';
import { verifyBinding } from '../gates/verify-report.ts';

/** Verifies a plan, writes the report and its lines of the explain log. `prefix` names the report. */
export const verifyStep = async (facts: {
  readonly cluster: Cluster;
  readonly items: readonly PlanItem[];
  readonly planPath: string;
  readonly out: OutDir;
  readonly now: () => number;
  readonly prefix?: string;
}): Promise<{ readonly verification: PlanVerification; readonly report: WrittenReport }> => {
  const { cluster, items, planPath, out, now, prefix = 'k8s_verify' } = facts;
  const startedMs = now();
  out.explain('k8s_verify_start', { k8s_plan_path: planPath, k8s_plan_items: items.length });
  const verification = await verifyPlan(cluster, items);
  const report = out.report(prefix, {
    ...envelope({
      startedMs,
      finishedMs: now(),
      outDir: out.path,
      mode: 'plan_only',
      apply: false,
    }),
    ...planFacts(planPath, items),
    ...verification,
    details: verification.details ?? {},
    ...verifyBinding(items, verification.kubectl_context, startedMs),
  });
  out.explain('k8s_verify_report', {
    ok: verification.ok,
    report_path: report.path,
    verify_blocker: verification.verify_blocker,
  });
  return { verification, report };
};
