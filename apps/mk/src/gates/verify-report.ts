import { dirname, join } from 'node:path';
import { planHash, type PlanItem } from '@holdfast/tuning';
import { readJson } from '../artifacts/read-json.ts';
import type { VerifyVerdict } from './apply-facts.ts';

/** A verification counts for so long. */
export const VERIFY_MAX_AGE_MS = 15 * 60_000;
/** Clocks of two machines may differ by so much. */
const CLOCK_LEEWAY_MS = 60_000;

export const VERIFY_LATEST = 'k8s_verify_latest.json';

/** Where the report of a plan lies: beside it. */
export const verifyReportPath = (planPath: string): string =>
  join(dirname(planPath), VERIFY_LATEST);

/** What a verify report is held against: this plan, the present context, now in milliseconds since the epoch. */
export interface VerifyQuestion {
  readonly items: readonly PlanItem[];
  readonly context: string | null;
  readonly nowMs: number;
}

/** What ties a verify report to what was verified; these fields go into it. */
export const verifyBinding = (
  items: readonly PlanItem[],
  context: string | null,
  nowMs: number,
) => ({
  plan_sha256: planHash(items),
  kube_context: context,
  verified_at: new Date(nowMs).toISOString(),
});

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const whyNot = (report: Record<string, unknown>, question: VerifyQuestion): string | undefined => {
  if (report['ok'] !== true) return 'the plan did not pass its verification';
  if (typeof report['plan_sha256'] !== 'string') return 'the report is not bound to this plan';
  if (report['plan_sha256'] !== planHash(question.items)) return 'the report is about another plan';
  const { kube_context: context = null, verified_at: at } = report;
  if (context !== question.context)
    return `it was verified in the context ${String(context)}, the present one is ${String(question.context)}`;
  const age = question.nowMs - Date.parse(String(at));
  if (Number.isNaN(age) || age < -CLOCK_LEEWAY_MS) return 'its time of verification is not usable';
  if (age > VERIFY_MAX_AGE_MS)
    return `it was verified ${Math.floor(age / 60_000)} minutes ago, at most 15 count`;
  return undefined;
};

const textsOf = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(record(value)).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );

/**
 * Judges the verify report at `path`: it must say yes, and be bound to this plan, this context and the last 15 minutes. That
 * the workloads did not change since is the precondition of the patches.
 */
export const judgeVerifyReport = (path: string, question: VerifyQuestion): VerifyVerdict => {
  const read = readJson(path);
  if (read.failure?.kind === 'not_found')
    return {
      ok: false,
      reason: 'verify_missing',
      detail: read.failure.detail,
      reportPath: null,
      resourceVersions: {},
      worldRevisions: {},
    };
  const report = record(read.failure === undefined ? read.value : undefined);
  const detail = read.failure?.detail ?? whyNot(report, question);
  const common = {
    reportPath: path,
    resourceVersions: textsOf(report['resource_versions']),
    worldRevisions: textsOf(report['world_revisions']),
  };
  return detail === undefined
    ? { ...common, ok: true, detail: 'the plan passed its verification' }
    : { ...common, ok: false, reason: 'verify_failed', detail };
};
