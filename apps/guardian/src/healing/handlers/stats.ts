import {
  PLAYBOOK_IDS,
  type GuardianStatus,
  type PlaybookId,
  type PlaybookStats,
} from '@holdfast/contracts';
import { meanOf, type Spread, type Totals } from '../../journal/totals.ts';
import { playbookName } from '../playbooks/playbook-names.ts';

const rate = (part: number, whole: number): number | null =>
  whole === 0 ? null : Math.round((part / whole) * 10_000) / 100;

/** 0 to 100; null before the first healing. */
export const successRate = ({ healings, successful }: Totals): number | null =>
  rate(successful, healings);

export const playbookStats = (totals: Totals): Record<PlaybookId, PlaybookStats> =>
  Object.fromEntries(
    PLAYBOOK_IDS.map((id) => {
      const none = { executions: 0, successes: 0, failures: 0 };
      const counts = totals.playbooks[id] ?? none;
      const { executions, successes } = counts;
      const success_rate = rate(successes, executions);
      return [id, { playbook_id: id, name: playbookName(id), ...counts, success_rate }];
    }),
  ) as Record<PlaybookId, PlaybookStats>;

export const toMttr = (spread: Spread) => ({
  count: spread.count,
  mttr_seconds: meanOf(spread),
  min_seconds: spread.min,
  max_seconds: spread.max,
});

export const toMttrTable = (spreads: Readonly<Record<string, Spread>>) =>
  Object.fromEntries(Object.entries(spreads).map(([key, spread]) => [key, toMttr(spread)]));

export const overallHealth = (
  state: GuardianStatus['state'],
): 'healthy' | 'degraded' | 'starting' | 'stopping' => (state === 'running' ? 'healthy' : state);

export const targetMet = (target: number, actual: number | null): boolean | null =>
  actual === null ? null : actual <= target;
