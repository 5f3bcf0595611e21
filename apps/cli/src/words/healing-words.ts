import type { Assignment, HealingRecord, HealingResult, Incident } from '@holdfast/contracts';
import { state, table } from '../output.ts';

const orDash = (value: number | string | null): string => (value === null ? '-' : String(value));

/** One row for each kernel, whether it runs or not. */
export const kernelTable = (assignments: readonly Assignment[]): string =>
  table(
    ['KERNEL', 'TIER', 'PORT', 'STATE', 'PID', 'RESTARTS', 'SINCE', 'WHY'],
    assignments.map((item) => [
      item.name,
      item.tier,
      orDash(item.port),
      state(item.status),
      orDash(item.pid),
      String(item.restarts),
      orDash(item.started_at),
      item.reason,
    ]),
  );

const playbookLines = (result: HealingResult['results'][number]): string[] => [
  `  ${result.playbook}: ${state(result.success ? 'done' : 'failed')} in ${Math.round(result.duration_ms)} ms - ${result.action_taken}`,
  ...result.steps.map((step) => `    ${step}`),
  ...(result.error === undefined ? [] : [`    ${result.error}`]),
];

interface Healing {
  readonly component: string;
  readonly success: boolean;
  readonly error: string | null;
  readonly healing_result: HealingResult;
}

/** What a heal ran, what each playbook did, and whether the component answers now. */
export const healingWords = ({ component, success, error, healing_result }: Healing): string => {
  const { issue, results } = healing_result;
  const outcome = success ? state('healed') : state('not healed');
  const port = issue.port === null ? '' : ` on port ${issue.port}`;
  return [
    `${component}${port}, ${issue.type}: ${outcome}`,
    ...results.flatMap(playbookLines),
    ...(error === null ? [] : [`  ${error}`]),
  ].join('\n');
};

export const seconds = (value: number | null): string =>
  value === null ? '-' : value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(1)} s`;

export const incidentTable = (incidents: readonly Incident[]): string =>
  incidents.length === 0
    ? 'no incidents'
    : table(
        [
          'INCIDENT',
          'COMPONENT',
          'FAILURE',
          'STATE',
          'DETECTED',
          'REPAIRED IN',
          'ATTEMPTS',
          'WHAT',
        ],
        incidents.map((one) => [
          one.incident_id,
          one.component,
          one.failure_mode,
          `${state(one.status)}${one.escalated ? ' (escalated)' : ''}`,
          one.detected_at,
          seconds(one.mttr_seconds),
          String(one.attempts),
          one.error ?? one.description,
        ]),
      );

export const pausedWords = (paused: Readonly<Record<string, string>>): string => {
  const lines = Object.entries(paused).map(
    ([name, until]) => `automatic restarts of ${name} are paused until ${until}`,
  );
  return lines.length === 0 ? 'automatic restarts are on' : lines.join('\n');
};

interface HealingStats {
  readonly total_healings: number;
  readonly successful_healings: number;
  readonly failed_healings: number;
  readonly active_healings: number;
  readonly paused: Readonly<Record<string, string>>;
  readonly recent_healings: readonly HealingRecord[];
}

/** Whether healing is on, how it fared, and the newest healings. */
export const healingStatsWords = (stats: HealingStats): string =>
  [
    pausedWords(stats.paused),
    `${stats.total_healings} healings: ${stats.successful_healings} healed, ${stats.failed_healings} not, ${stats.active_healings} running`,
    ...(stats.recent_healings.length === 0
      ? []
      : [
          table(
            ['WHEN', 'COMPONENT', 'ISSUE', 'BY', 'TOOK', 'OUTCOME'],
            stats.recent_healings.map((record) => [
              record.started_at,
              record.component,
              record.issue_type,
              record.trigger === 'automatic' ? 'guardian' : record.actor,
              seconds(record.duration_seconds),
              state(record.success ? 'healed' : 'not healed'),
            ]),
          ),
        ]),
  ].join('\n');

interface Reloaded {
  readonly reloaded: readonly {
    readonly component: string;
    readonly old_pid: number | null;
    readonly new_pid: number | null;
    readonly duration_ms: number;
  }[];
  readonly guardian_follows: boolean;
}

export const reloadWords = ({ reloaded, guardian_follows }: Reloaded): string =>
  [
    ...(reloaded.length === 0
      ? []
      : [
          table(
            ['REPLACED', 'OLD PID', 'NEW PID', 'TOOK'],
            reloaded.map((one) => [
              one.component,
              orDash(one.old_pid),
              orDash(one.new_pid),
              `${Math.round(one.duration_ms)} ms`,
            ]),
          ),
        ]),
    ...(guardian_follows ? ['the guardian replaces itself now'] : []),
    ...(reloaded.length === 0 && !guardian_follows ? ['nothing was running to be replaced'] : []),
  ].join('\n');
