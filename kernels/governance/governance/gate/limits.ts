import type { BudgetFact } from '@holdfast/change';
import { targetKey, type Change } from '@holdfast/contracts';
import type { ChangeRecord } from '../change-record.ts';
import type { Parts } from '../context.ts';

const HOUR_MS = 3_600_000;

const iso = (ms: number): string => new Date(ms).toISOString();

/** Changes beside the one that is judged; an undo that a failed change demanded counts against no limit. */
const OTHERS = `SELECT COUNT(*) AS n FROM changes WHERE automatic = 0 AND id <> ?`;

/** What is used up of the limits of the profile, with this change, whether it was proposed or is only thought about. */
export const budgetsOf = async (
  parts: Parts,
  { change, notes }: ChangeRecord,
): Promise<BudgetFact[]> => {
  if (notes.automatic) return [];
  const { config, store, clock } = parts.context;
  const since = iso(clock.now() - HOUR_MS);
  const withThis = async (condition: string, params: string[]): Promise<number> => {
    const [row] = await store.read<{ n: number }>(`${OTHERS} AND ${condition}`, [
      change.id,
      ...params,
    ]);
    return (row?.n ?? 0) + 1;
  };
  const recent = "created_at > ? AND state <> 'blocked'";
  const open = await withThis('open = 1', []);
  const hour = await withThis(recent, [since]);
  const budgets: BudgetFact[] = [
    { what: 'changes are open', used: open, limit: config.max_open_changes },
    { what: 'changes in an hour', used: hour, limit: config.max_changes_per_hour },
  ];
  if (notes.author.kind !== 'ai') return budgets;
  const own = await withThis(`${recent} AND author = ?`, [since, change.proposed_by]);
  const what = `changes in an hour by ${change.proposed_by}`;
  return [...budgets, { what, used: own, limit: config.max_ai_changes_per_hour }];
};

const lastApplied = async (parts: Parts, change: Change): Promise<string | undefined> => {
  const [row] = await parts.context.store.read<{ applied_at: string }>(
    `SELECT applied_at FROM changes WHERE target = ? AND kind = ? AND applied_at IS NOT NULL
      ORDER BY applied_at DESC LIMIT 1`,
    [targetKey(change.target), change.kind],
  );
  return row?.applied_at;
};

/** The cool-down that stands against a change. Undoing is never made to wait. */
export const cooldownsOf = async (parts: Parts, { change }: ChangeRecord): Promise<string[]> => {
  const { config, clock } = parts.context;
  if (config.cooldown_s === 0 || change.reverts !== null) return [];
  const last = await lastApplied(parts, change);
  if (last === undefined) return [];
  const ends = Date.parse(last) + config.cooldown_s * 1000;
  if (clock.now() >= ends) return [];
  return [
    `the last ${change.kind} on ${targetKey(change.target)} ended ${last}, until ${iso(ends)}`,
  ];
};
