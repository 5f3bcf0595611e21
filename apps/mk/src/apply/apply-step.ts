import { applyPlan, type AppliedItem, type Cluster, type RbacDenial } from '@holdfast/kube';
import type { Action, PlanItem } from '@holdfast/tuning';
import type { StackChange } from '../stack/carry-through-stack.ts';
import { envelope } from '../artifacts/envelope.ts';
import type { OutDir, WrittenReport } from '../artifacts/out-dir.ts';
import { planFacts } from '../cluster/load-plan.ts';
import { blockLine, stackBlockLine } from '../gates/block-lines.ts';
import type { DecidedApply } from './decide-step.ts';
import type { Refusal, Route } from './route.ts';

export interface ApplyStep {
  readonly cluster: Cluster;
  readonly decided: DecidedApply;
  readonly out: OutDir;
  readonly now: () => number;
  readonly force: boolean;
  readonly route: Route;
  /** `--standalone` was given. */
  readonly standalone: boolean;
  /** What the items stand for, where they were made of actions. */
  readonly actions?: readonly Action[];
  /** Changes of a stack that the items take back, beside them. */
  readonly undoes?: readonly string[];
  /** Ends the waiting for a change of a stack, not the change. */
  readonly signal?: AbortSignal;
  readonly prefix?: string;
  readonly mode?: string;
  /** The patch as it is sent: the item's own with what the engine keeps for itself. */
  patchOf?(item: PlanItem, index: number): Record<string, unknown>;
}

/** Why nothing was applied, and the line on standard error that says so. */
export interface BlockedApply extends Refusal {
  readonly line: string;
}

export interface ApplyEnded {
  readonly ok: boolean;
  readonly block?: BlockedApply;
  /** It goes on in a stack, and was not waited for. */
  readonly open: boolean;
  /** The session was told to stop before a stack applied it. */
  readonly stopped: boolean;
  /** A workload changed between its verification and its patch, which the server or this program then refused. */
  readonly raced: boolean;
  /** It was not offered to a stack, because somebody said so. */
  readonly forced: boolean;
  readonly appliedThrough: 'stack' | 'standalone' | null;
  /** Changes of a stack, in the order of the items. */
  readonly changes: readonly StackChange[];
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
  resource_version: null,
  verified_again: false,
});

interface Carried {
  readonly ok: boolean;
  readonly items: readonly AppliedItem[];
  readonly rbac?: RbacDenial;
  readonly raced?: boolean;
  readonly open?: boolean;
  readonly stopped?: boolean;
  readonly changes?: readonly StackChange[];
  readonly refusal?: Refusal;
}

const byItself = async (step: ApplyStep): Promise<Carried> => {
  const { cluster, decided, patchOf } = step;
  const sent = decided.items.map((item, index) => ({
    ...item,
    patch: patchOf?.(item, index) ?? item.patch,
  }));
  const { ok, checks, details, raced } = await applyPlan(cluster, sent, {
    resourceVersions: decided.verify.resourceVersions,
    worldRevisions: decided.verify.worldRevisions,
  });
  return { ok, items: checks.items, rbac: details?.rbac, raced };
};

const carryOut = async (step: ApplyStep): Promise<Carried> => {
  const { decided, route, out } = step;
  const { items } = decided;
  if (decided.block !== undefined) return { ok: false, items: items.map(untouched) };
  if (route.kind === 'standalone') return byItself(step);
  if (route.kind === 'refused')
    return { ok: false, items: items.map(untouched), refusal: route.refusal };
  const { carryThroughStack } = await import('../stack/carry-through-stack.ts');
  const carried = await carryThroughStack(route.door, { ...step, ...decided });
  for (const change of carried.changes) out.explain('k8s_apply_handed_over', change);
  return carried;
};

const blockOf = ({ decided }: ApplyStep, { refusal, changes }: Carried) => {
  const { block } = decided;
  if (block !== undefined) return { ...block, line: blockLine(block.reason, block.detail) };
  return refusal && { ...refusal, line: stackBlockLine(refusal, changes?.[0]?.change) };
};

const reasonOf = ({ ok, open, stopped }: Carried): string | null => {
  if (ok) return null;
  if (stopped) return 'stopped';
  return open ? 'apply_open' : 'apply_failed';
};

/** Which way the items went, or would have gone had nothing been in the way. */
const throughOf = ({ decided, route }: ApplyStep): ApplyEnded['appliedThrough'] => {
  if (decided.block !== undefined) return null;
  return route.kind === 'standalone' ? 'standalone' : 'stack';
};

/** Carries out an apply that the gate decided, or notes why not; writes the report and the explain log. */
export const applyStep = async (step: ApplyStep): Promise<ApplyEnded> => {
  const { decided, out, now, route } = step;
  const { items, planPath, licence, verify } = decided;
  const startedMs = now();
  out.explain('k8s_apply_start', { k8s_plan_path: planPath, k8s_plan_items: items.length });
  const carried = await carryOut(step);
  const { ok, items: applied, rbac, changes = [] } = carried;
  const { open = false, stopped = false, raced = false } = carried;
  const block = blockOf(step, carried);
  const appliedThrough = throughOf(step);
  if (block !== undefined)
    out.explain('k8s_apply_blocked', { reason: block.reason, detail: block.detail });
  for (const item of applied) if (item.patch_attempted) out.explain('k8s_apply_applied', item);
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
    block_reason: block?.reason ?? null,
    block_detail: block?.detail ?? null,
    reason: block?.reason ?? reasonOf(carried),
    applied_through: appliedThrough,
    standalone_forced: step.standalone,
    change_id: changes[0]?.change ?? null,
    stack: route.kind === 'stack' ? { url: route.door.url, changes } : null,
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
  const forced = step.standalone;
  const ended = { ok, open, stopped, raced, report, appliedThrough, changes, forced };
  return block === undefined ? ended : { ...ended, block };
};
