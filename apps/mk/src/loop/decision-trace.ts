import type { Action, Signals } from '@holdfast/tuning';

export const TRACE_FILE = 'decision_trace_latest.jsonl';
export const TRACE_SCHEMA = 'decision_trace_event.v0';

/** Which chords a decision is made of. */
export const chordOf = (actions: readonly Action[]): object => {
  const members = [...new Set(actions.map(({ chord }) => chord))].toSorted();
  if (members.length === 0) return { id: 'none' };
  return members.length === 1 ? { id: members[0] } : { id: 'multi', members };
};

/** One line of the decision trace. `tick` counts iterations from 0. */
export const traceEvent = (facts: {
  readonly tick: number;
  readonly mode: string;
  readonly signals: Signals;
  readonly actions: readonly Action[];
  readonly results: object;
}): object => ({
  schema_version: TRACE_SCHEMA,
  tick: facts.tick,
  mode: facts.mode,
  signals: facts.signals,
  chord: chordOf(facts.actions),
  actions: facts.actions,
  results: facts.results,
});
