import type { Signals } from '../signals/detect-signals.ts';
import type { Action } from './action.ts';

/** Stable intervals after a recovery until the profile is locked again. */
const RELOCK_AFTER = 2;

/** Memory of a planner that follows a workload over intervals: through an incident, its recovery and the relock. */
export interface PlannerState {
  readonly phase: 'locked' | 'incident' | 'recovered';
  /** Stable intervals since the recovery. */
  readonly stable_intervals: number;
  /** Default 2. */
  readonly relock_after?: number;
}

export const initialPlannerState = (relockAfter = RELOCK_AFTER): PlannerState => ({
  phase: 'locked',
  stable_intervals: 0,
  relock_after: relockAfter,
});

const isRelockDue = (state: PlannerState): boolean =>
  state.phase === 'recovered' && state.stable_intervals + 1 >= (state.relock_after ?? RELOCK_AFTER);

/** `recover` once an incident is over, `relock` once what followed stayed stable long enough. */
export const proposeRecovery = (state: PlannerState, signals: Signals): Action[] => {
  if (signals.incident) return [];
  const chord = 'RECOVER-RELOCK';
  if (state.phase === 'incident')
    return [{ knob: '__recover__', target: 1, reason: 'incident_cleared', chord }];
  if (isRelockDue(state)) return [{ knob: '__relock__', target: 1, reason: 'stable', chord }];
  return [];
};

/** The state after an interval with these signals. */
export const nextPlannerState = (state: PlannerState, signals: Signals): PlannerState => {
  if (signals.incident) return { ...state, phase: 'incident', stable_intervals: 0 };
  if (state.phase === 'incident') return { ...state, phase: 'recovered', stable_intervals: 0 };
  if (state.phase === 'locked' || isRelockDue(state))
    return { ...state, phase: 'locked', stable_intervals: 0 };
  return { ...state, stable_intervals: state.stable_intervals + 1 };
};
