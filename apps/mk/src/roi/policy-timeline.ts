import type { PolicyId, SampleSeries } from '@holdfast/tuning';
import { chordOf } from '../loop/decision-trace.ts';
import { countKnobs, replayPolicy, type KnobChange } from '../replay/replay-policy.ts';

/** One interval of a replay; `tick` counts from 0. */
export interface TimelineEntry {
  readonly tick: number;
  readonly start_ms: number;
  readonly mode: string;
  readonly chord: object;
  /** A replay never applies. */
  readonly blocked_reason: 'PLAN_ONLY' | null;
  readonly changed_knobs: readonly KnobChange[];
}

export interface TimelineSummary {
  readonly ticks: number;
  readonly incident_ticks: number;
  readonly proposed_actions: number;
  /** Intervals that would have changed a workload, each of them a rollout. */
  readonly apply_steps: number;
  readonly recover_actions: number;
  readonly relock_actions: number;
  readonly changes_by_knob: Readonly<Record<string, number>>;
}

export interface PolicyTimeline {
  readonly timeline: readonly TimelineEntry[];
  readonly summary: TimelineSummary;
}

const modeOf = (incident: boolean, knobs: ReadonlySet<string>): string => {
  if (incident) return 'INCIDENT';
  if (knobs.has('__recover__')) return 'RECOVER';
  return knobs.has('__relock__') ? 'RELOCK' : 'HOLD';
};

/** What a policy would have done over a recording, interval by interval, and what it comes to. */
export const policyTimeline = (
  policy: PolicyId,
  series: SampleSeries,
  windowMs: number,
): PolicyTimeline => {
  const windows = replayPolicy(policy, series, windowMs);
  const actions = windows.flatMap((window) => window.actions);
  const countOf = (knob: string): number => actions.filter((action) => action.knob === knob).length;
  return {
    timeline: windows.map((window, tick) => ({
      tick,
      start_ms: window.start_ms,
      mode: modeOf(window.signals.incident, new Set(window.actions.map(({ knob }) => knob))),
      chord: chordOf(window.actions),
      blocked_reason: window.actions.length === 0 ? null : 'PLAN_ONLY',
      changed_knobs: window.changed_knobs,
    })),
    summary: {
      ticks: windows.length,
      incident_ticks: windows.filter(({ signals }) => signals.incident).length,
      proposed_actions: actions.length,
      apply_steps: windows.filter((window) => window.changed_knobs.length > 0).length,
      recover_actions: countOf('__recover__'),
      relock_actions: countOf('__relock__'),
      changes_by_knob: countKnobs(windows.flatMap((window) => window.changed_knobs)),
    },
  };
};

/** How much more of each figure the second of two summaries has. */
export const summaryDifference = (
  before: TimelineSummary,
  after: TimelineSummary,
): Record<string, number> => ({
  proposed_actions: after.proposed_actions - before.proposed_actions,
  apply_steps: after.apply_steps - before.apply_steps,
  recover_actions: after.recover_actions - before.recover_actions,
  relock_actions: after.relock_actions - before.relock_actions,
});
