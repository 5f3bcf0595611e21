import type { Assignment, KernelState } from '@holdfast/contracts';

export interface StateCounts {
  readonly healthy: number;
  readonly unhealthy: number;
  readonly not_started: number;
  /** Started on demand: nothing is wrong with them. */
  readonly idle: number;
}

const KIND: Readonly<Record<KernelState, keyof StateCounts>> = {
  healthy: 'healthy',
  idle: 'idle',
  unhealthy: 'unhealthy',
  restarting: 'unhealthy',
  failed: 'unhealthy',
  not_installed: 'not_started',
  not_started: 'not_started',
  starting: 'not_started',
  stopping: 'not_started',
  stopped: 'not_started',
};

type Row = Pick<Assignment, 'status' | 'tier'>;

export const isFailed = (row: Row): boolean => KIND[row.status] === 'unhealthy';

export const countStates = (rows: readonly Row[]): StateCounts => {
  const count = (kind: keyof StateCounts): number =>
    rows.filter((row) => KIND[row.status] === kind).length;
  return {
    healthy: count('healthy'),
    unhealthy: count('unhealthy'),
    not_started: count('not_started'),
    idle: count('idle'),
  };
};

export const countByTier = (
  rows: readonly Row[],
  tiers: readonly string[],
): Record<string, StateCounts> =>
  Object.fromEntries(
    tiers.map((tier) => [tier, countStates(rows.filter((row) => row.tier === tier))]),
  );
