import { isTerminal, type Plan, type Run, type StepProgress } from '@holdfast/contracts';

/** A failure that is known while it is still to be found out whether something has to be undone. */
export interface Failure {
  readonly code: string;
  readonly detail: string;
  readonly since: string;
}

/** When something of one step is due: the end of a timer, or the next attempt. */
export interface Due {
  readonly step: string;
  readonly at: string;
}

/**
 * A step that is tried more than once. `issue` counts the ways in which its owner was asked: after a failed result it
 * grows, so that the owner starts anew; where nobody knows whether the step was started it stays, and so does the key.
 */
export interface Retry extends Due {
  readonly issue: number;
}

/** What a run was started with beside its plan. Times in ms. */
export interface RunTerms {
  readonly baseline_ms: number;
  readonly watch_ms: number;
  /** The run that this one undoes. */
  readonly reverts: string | null;
}

/**
 * A run with what the engine needs to go on with it. `watch_until` is set when the last step succeeded. `measured` and
 * `watched` say that the samples of the baseline and of the watch are complete.
 */
export interface RunRecord extends RunTerms {
  readonly run: Run;
  readonly plan: Plan;
  readonly watch_until: string | null;
  readonly measured: boolean;
  readonly watched: boolean;
  readonly timer: Due | null;
  readonly retry: Retry | null;
  readonly failure: Failure | null;
}

export const isFinished = ({ run }: RunRecord): boolean => isTerminal(run.state);

/** A step of which nothing was done yet. */
export const pending = (key: string): StepProgress => ({
  key,
  state: 'pending',
  attempts: 0,
  outcome: null,
  started_at: null,
  finished_at: null,
});

/** What a record has that was written before these were thought of. */
const fresh = {
  baseline_ms: 0,
  reverts: null,
  measured: false,
  watched: false,
  timer: null,
  retry: null,
} as const;

/** A run of which nothing was done yet; its birth is the first journal record. */
export const newRun = (id: string, plan: Plan, terms: RunTerms, now: string): RunRecord => ({
  ...fresh,
  run: {
    id,
    owner: plan.owner,
    state: 'applying',
    plan_hash: plan.hash,
    steps: plan.steps.map(({ key }) => pending(key)),
    observation: null,
    code: null,
    detail: '',
    needs_revert: false,
    baseline: [],
    watched: [],
    journal: 1,
    created_at: now,
    updated_at: now,
  },
  plan,
  ...terms,
  watch_until: null,
  failure: null,
});

export const parseRecord = (body: string): RunRecord => {
  const record = JSON.parse(body) as RunRecord;
  return { ...fresh, ...record, run: { ...record.run, ...samplesOf(record.run) } };
};

const samplesOf = ({ baseline = [], watched = [] }: Partial<Run>) => ({ baseline, watched });

/** The steps with one of them changed. */
export const withStep = (
  steps: readonly StepProgress[],
  key: string,
  patch: Partial<StepProgress>,
): StepProgress[] => steps.map((step) => (step.key === key ? { ...step, ...patch } : step));
