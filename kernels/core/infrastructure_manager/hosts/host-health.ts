import type { Host, HostMetrics } from '@holdfast/contracts';

export const DEGRADED_PERCENT = 75;
export const UNHEALTHY_PERCENT = 90;
/** A new level counts only after this many heartbeats in a row, so that a short peak changes nothing. */
export const LEVEL_HEARTBEATS = 3;

export type HostStatus = Host['status'];
type Level = 'healthy' | 'degraded' | 'unhealthy';

/** How many heartbeats in a row said another level than the status. */
export interface LevelStreak {
  readonly level: Level;
  readonly count: number;
}

export interface StatusVerdict {
  readonly status: HostStatus;
  readonly reason: string;
  readonly streak: LevelStreak | undefined;
}

const levelOf = (percent: number): Level => {
  if (percent >= UNHEALTHY_PERCENT) return 'unhealthy';
  return percent >= DEGRADED_PERCENT ? 'degraded' : 'healthy';
};

const measure = (metrics: HostMetrics): { level: Level; reason: string } => {
  const loads: readonly (readonly [string, number])[] = [
    ['cpu', metrics.cpu_percent],
    ['memory', metrics.memory_percent],
    ['disk', metrics.disk_percent],
  ];
  const [name, percent] = loads.reduce((most, load) => (load[1] > most[1] ? load : most));
  const level = levelOf(percent);
  const limit = level === 'unhealthy' ? UNHEALTHY_PERCENT : DEGRADED_PERCENT;
  const where = level === 'healthy' ? 'below' : 'at or over';
  return { level, reason: `${name} at ${percent.toFixed(0)} %, ${where} ${limit} %` };
};

/**
 * The status after one heartbeat. A host that was offline or unknown is healthy again at once; between the levels
 * it takes LEVEL_HEARTBEATS in a row that agree on a level other than the status.
 */
export const judgeHeartbeat = (
  before: HostStatus,
  streak: LevelStreak | undefined,
  metrics: HostMetrics,
): StatusVerdict => {
  const { level, reason } = measure(metrics);
  const count = streak?.level === level ? streak.count + 1 : 1;
  const next: LevelStreak = { level, count };
  if (before === 'offline' || before === 'unknown') {
    return { status: 'healthy', reason: 'its agent reports', streak: next };
  }
  if (level === before) return { status: before, reason, streak: undefined };
  if (count < LEVEL_HEARTBEATS) return { status: before, reason, streak: next };
  return { status: level, reason: `${reason} for ${count} heartbeats`, streak: undefined };
};
