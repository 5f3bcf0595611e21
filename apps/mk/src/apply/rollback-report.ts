import type { KubeObject } from '@holdfast/kube';
import { buildRollback, type PlanItem } from '@holdfast/tuning';
import type { OutDir } from '../artifacts/out-dir.ts';

const PREFIX = 'rollback_plan';
export const ROLLBACK_LATEST = `${PREFIX}_latest.json`;

/**
 * Writes `rollback_plan.v1`. Mode `captured`: the items put back the values of `before`, the workloads beside the items as
 * they were read; mode `skeleton`, without items: they were not read. Beside the items, `applied`: the patches that they
 * take back, so that what others set since is not taken back with them; `changes`: what a stack undoes instead.
 */
export const writeRollback = (
  out: OutDir,
  facts: {
    /** With the patches as they are sent. */
    readonly items: readonly PlanItem[];
    readonly before: readonly (KubeObject | undefined)[];
    readonly fromVerifyReport: string | null;
    /** Changes of a stack that carried the items out, beside them; none where no stack did. */
    readonly changes: readonly string[];
  },
): string => {
  const { items, before } = facts;
  const known = items.flatMap((item, index) =>
    before[index] === undefined ? [] : [{ item, object: before[index] }],
  );
  const restored = buildRollback(
    known.map(({ item }) => item),
    (_, index) => known[index]?.object,
  );
  return out.report(PREFIX, {
    schema_version: 'rollback_plan.v1',
    mode: restored.length === 0 ? 'skeleton' : 'captured',
    from_verify_report: facts.fromVerifyReport,
    items: restored,
    applied: known.map(({ item }) => item.patch).toReversed(),
    changes: facts.changes.toReversed(),
  }).latestPath;
};
