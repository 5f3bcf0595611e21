import type { HealingRecord, Incident, PlaybookId } from '@holdfast/contracts';

/** How long something took over all its cases, in seconds; `min` and `max` are null while there is no case. */
export interface Spread {
  readonly count: number;
  readonly sum: number;
  readonly min: number | null;
  readonly max: number | null;
}

export interface PlaybookCount {
  readonly executions: number;
  readonly successes: number;
  readonly failures: number;
}

/** Counts since the home was made. They outlive the single records. */
export interface Totals {
  readonly healings: number;
  readonly successful: number;
  readonly automatic: number;
  /** Seconds that successful healings took. */
  readonly recovery: Spread;
  readonly playbooks: Readonly<Partial<Record<PlaybookId, PlaybookCount>>>;
  readonly incidents: number;
  readonly escalated: number;
  /** Seconds from detection to repair of resolved incidents. */
  readonly mttr: Spread;
  readonly mttrByIssue: Readonly<Record<string, Spread>>;
  readonly mttrByPlaybook: Readonly<Record<string, Spread>>;
  /** Events that were given up because the bus was away for too long or refused them. */
  readonly droppedEvents: number;
}

export const EMPTY_SPREAD: Spread = { count: 0, sum: 0, min: null, max: null };

export const EMPTY_TOTALS: Totals = {
  healings: 0,
  successful: 0,
  automatic: 0,
  recovery: EMPTY_SPREAD,
  playbooks: {},
  incidents: 0,
  escalated: 0,
  mttr: EMPTY_SPREAD,
  mttrByIssue: {},
  mttrByPlaybook: {},
  droppedEvents: 0,
};

export const addTo = (spread: Spread | undefined, seconds: number): Spread => {
  const { count, sum, min, max } = spread ?? EMPTY_SPREAD;
  return {
    count: count + 1,
    sum: sum + seconds,
    min: Math.min(min ?? seconds, seconds),
    max: Math.max(max ?? seconds, seconds),
  };
};

export const meanOf = ({ count, sum }: Spread): number | null =>
  count === 0 ? null : Math.round((sum / count) * 1_000) / 1_000;

const countPlaybooks = (was: Totals['playbooks'], record: HealingRecord): Totals['playbooks'] => {
  const next: Partial<Record<PlaybookId, PlaybookCount>> = { ...was };
  for (const { playbook, success } of record.result.results) {
    const { executions, successes, failures } = next[playbook] ?? {
      executions: 0,
      successes: 0,
      failures: 0,
    };
    next[playbook] = {
      executions: executions + 1,
      successes: successes + (success ? 1 : 0),
      failures: failures + (success ? 0 : 1),
    };
  }
  return next;
};

export const countHealing = (was: Totals, record: HealingRecord): Totals => ({
  ...was,
  healings: was.healings + 1,
  successful: was.successful + (record.success ? 1 : 0),
  automatic: was.automatic + (record.trigger === 'automatic' ? 1 : 0),
  recovery: record.success ? addTo(was.recovery, record.duration_seconds) : was.recovery,
  playbooks: countPlaybooks(was.playbooks, record),
});

/** Counts what this line of an incident adds to the one before it, when there was one. */
export const countIncident = (
  was: Totals,
  before: Incident | undefined,
  after: Incident,
): Totals => {
  const resolvedNow = after.status === 'resolved' && before?.status !== 'resolved';
  const { mttr_seconds: seconds, playbook_id: playbook, failure_mode: issue } = after;
  const counted = {
    ...was,
    incidents: was.incidents + (before === undefined ? 1 : 0),
    escalated: was.escalated + (after.escalated && before?.escalated !== true ? 1 : 0),
  };
  if (!resolvedNow || seconds === null) return counted;
  return {
    ...counted,
    mttr: addTo(was.mttr, seconds),
    mttrByIssue: { ...was.mttrByIssue, [issue]: addTo(was.mttrByIssue[issue], seconds) },
    mttrByPlaybook:
      playbook === null
        ? was.mttrByPlaybook
        : { ...was.mttrByPlaybook, [playbook]: addTo(was.mttrByPlaybook[playbook], seconds) },
  };
};
