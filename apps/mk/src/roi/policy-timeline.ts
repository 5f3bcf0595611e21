import type { PolicyId } from '@holdfast/tuning';
import { chordOf } from '../loop/decision-trace.ts';
import { countKnobs, replayPolicy, type KnobChange } from '../replay/replay-policy.ts';
import type { WindowFacts } from '../replay/window-signals.ts';

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

const modeOf = (incident: boolean, knobs: ReadonlySet<string>): string => {
  if (incident) return 'INCIDENT';
  if (knobs.has('__recover__')) return 'RECOVER';
  return knobs.has('__relock__') ? 'RELOCK' : 'HOLD';
};

/** What a policy would have done over a recording, interval by interval. */
export function* policyTimeline(
  policy: PolicyId,
  windows: Iterable<WindowFacts>,
): Generator<TimelineEntry> {
  let tick = 0;
  for (const window of replayPolicy(policy, windows)) {
    yield {
      tick,
      start_ms: window.start_ms,
      mode: modeOf(window.signals.incident, new Set(window.actions.map(({ knob }) => knob))),
      chord: chordOf(window.actions),
      blocked_reason: window.actions.length === 0 ? null : 'PLAN_ONLY',
      changed_knobs: window.changed_knobs,
    };
    tick += 1;
  }
}

/** What that comes to. */
export const policySummary = (
  policy: PolicyId,
  windows: Iterable<WindowFacts>,
): TimelineSummary => {
  const counts = { ticks: 0, incident_ticks: 0, proposed_actions: 0, apply_steps: 0 };
  const proposed: Record<string, number> = {};
  const changed: Record<string, number> = {};
  for (const { signals, actions, changed_knobs } of replayPolicy(policy, windows)) {
    counts.ticks += 1;
    counts.incident_ticks += signals.incident ? 1 : 0;
    counts.proposed_actions += actions.length;
    counts.apply_steps += changed_knobs.length > 0 ? 1 : 0;
    countKnobs(proposed, actions);
    countKnobs(changed, changed_knobs);
  }
  return {
    ...counts,
    recover_actions: proposed['__recover__'] ?? 0,
    relock_actions: proposed['__relock__'] ?? 0,
    changes_by_knob: changed,
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
