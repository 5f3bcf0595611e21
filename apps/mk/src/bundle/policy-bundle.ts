import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { VERSION } from '@holdfast/contracts/version';
import { CATALOG } from '@holdfast/tuning';
import { ROLLBACK_LATEST, writeRollback } from '../apply/rollback-report.ts';
import type { OutDir } from '../artifacts/out-dir.ts';
import { readObject } from '../artifacts/read-json.ts';
import { compactJson } from '../artifacts/sorted-json.ts';
import { VERIFY_LATEST } from '../gates/verify-report.ts';
import { gitFacts } from './git-facts.ts';

/** Where the rollback plan of an apply lies, and the report that it went by. */
export interface RollbackLink {
  readonly path: string | null;
  readonly fromVerifyReport: string | null;
}

const verifyReportOf = (out: OutDir): string | null => {
  const own = out.pathOf(VERIFY_LATEST);
  if (readObject(own) !== undefined) return own;
  const named = readObject(out.pathOf('closed_loop_latest.json'))?.['k8s_verify_report_path'];
  return typeof named === 'string' && readObject(named) !== undefined ? named : null;
};

/** Nothing was applied: a plan with captured values stays, one without items says that there is nothing to put back. */
const linkOf = (out: OutDir): RollbackLink => {
  const fromVerifyReport = verifyReportOf(out);
  if (fromVerifyReport === null) return { path: null, fromVerifyReport };
  const held = out.pathOf(ROLLBACK_LATEST);
  if (readObject(held)?.['mode'] === 'captured') return { path: held, fromVerifyReport };
  return {
    path: writeRollback(out, { items: [], before: [], changes: [], fromVerifyReport }),
    fromVerifyReport,
  };
};

/**
 * Writes `policy_bundle_latest.json`: which policy decided, and where it comes from. Where a verify report is in the folder a
 * rollback plan is too.
 */
export const writePolicyBundle = (facts: {
  readonly out: OutDir;
  readonly now: () => number;
  readonly policy: { readonly id: string; readonly params: Readonly<Record<string, unknown>> };
  readonly rollback?: RollbackLink;
}): string => {
  const { out, now, policy } = facts;
  const rollback = facts.rollback ?? linkOf(out);
  return out.json('policy_bundle_latest.json', {
    schema_version: 'policy_bundle.v1',
    bundle_version: 1,
    created_at: Math.floor(now() / 1000),
    mk_version: VERSION,
    provenance: {
      ...gitFacts(),
      host: hostname(),
    },
    policy: { id: policy.id, version: 'v1', params: policy.params },
    inputs: {
      passport_id: null,
      passport_sha256: null,
      chord_catalog_sha256: createHash('sha256').update(compactJson(CATALOG)).digest('hex'),
    },
    rollback: {
      mode: 'skeleton',
      from_verify_report: rollback.fromVerifyReport,
      rollback_plan_path: rollback.path,
    },
  });
};
