import { applyPlan, type AppliedItem, type Cluster, type RbacDenial } from '@holdfast/kube';
import type { PlanItem } from '@holdfast/tuning';
import { envelope } from '../artifacts/envelope.ts';
import type { OutDir, WrittenReport } from '../artifacts/out-dir.ts';
import { planFacts } from '../cluster/load-plan.ts';
import type { ApplyBlock } from '../gates/decide-apply.ts';
import type { DecidedApply } from './decide-step.ts';

export interface ApplyStep {
  readonly cluster: Cluster;
  readonly decided: DecidedApply;
  readonly out: OutDir;
  readonly now: () => number;
  readonly force: boolean;
  readonly prefix?: string;
  readonly mode?: string;
  /** The patch as it is sent: the item's own with what the engine keeps for itself. */
  patchOf?(item: PlanItem, index: number): Record<string, unknown>;
}

export interface ApplyEnded {
  readonly ok: boolean;
  readonly report: WrittenReport;
}

const untouched = ({ namespace, name }: PlanItem): AppliedItem => ({
  namespace,
  name,
  ok: false,
  rc: null,
  stdout: '',
  stderr: '',
  patch_attempted: false,
});

interface Carried {
  readonly ok: boolean;
  readonly items: readonly AppliedItem[];
  readonly rbac?: RbacDenial;
}

const carryOut = async ({ cluster, decided, out, patchOf }: ApplyStep): Promise<Carried> => {
  const { items, verify } = decided;
  if (decided.block !== undefined) return { ok: false, items: items.map(untouched) };
  const sent = items.map((item, index) => ({
    ...item,
    patch: patchOf?.(item, index) ?? item.patch,
  }));
  const { ok, checks, details } = await applyPlan(cluster, sent, {
    resourceVersions: verify.resourceVersions,
  });
  for (const item of checks.items) if (item.patch_attempted) out.explain('k8s_apply_applied', item);
  return { ok, items: checks.items, rbac: details?.rbac };
};

const blockedFields = (block: ApplyBlock | undefined, ok: boolean): object => ({
  block_reason: block?.reason ?? null,
  block_detail: block?.detail ?? null,
  reason: block?.reason ?? (ok ? null : 'apply_failed'),
});

/** Carries out an apply that the gate decided, or notes why not; writes the report and the explain log. */
export const applyStep = async (step: ApplyStep): Promise<ApplyEnded> => {
  const { decided, out, now } = step;
  const { items, planPath, block, licence, verify } = decided;
  const startedMs = now();
  out.explain('k8s_apply_start', { k8s_plan_path: planPath, k8s_plan_items: items.length });
  if (block !== undefined) out.explain('k8s_apply_blocked', block);
  const { ok, items: applied, rbac } = await carryOut(step);
  const report = out.report(step.prefix ?? 'k8s_apply', {
    ...envelope({
      startedMs,
      finishedMs: now(),
      outDir: out.path,
      mode: step.mode ?? 'K8S_APPLY',
      apply: true,
    }),
    ...planFacts(planPath, items),
    ok,
    ...blockedFields(block, ok),
    license_ok: licence.ok,
    license_path: licence.path,
    verify_ok: verify.ok,
    verify_detail: verify.detail,
    verify_report_path: verify.reportPath,
    force: step.force,
    checks: { items: applied },
    items: applied,
    details: rbac === undefined ? {} : { rbac },
  });
  out.explain('k8s_apply_report', { ok, report_path: report.path });
  return { ok, report };
};
