import { isTerminal, type Plan, type Run, type StepProgress } from '@holdfast/contracts';

/** A failure that is known while it is still to be found out whether something has to be undone. */
export interface Failure {
  readonly code: string;
  readonly detail: string;
  readonly since: string;
}

/** A run with what the engine needs to go on with it. `watch_until` is set when the last step succeeded. */
export interface RunRecord {
  readonly run: Run;
  readonly plan: Plan;
  readonly watch_ms: number;
  readonly watch_until: string | null;
  readonly failure: Failure | null;
}

export const isFinished = ({ run }: RunRecord): boolean => isTerminal(run.state);

const pending = (key: string): StepProgress => ({
  key,
  state: 'pending',
  attempts: 0,
  outcome: null,
  started_at: null,
  finished_at: null,
});

/** A run of which nothing was done yet; its birth is the first journal record. */
export const newRun = (id: string, plan: Plan, watch_ms: number, now: string): RunRecord => ({
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
    journal: 1,
    created_at: now,
    updated_at: now,
  },
  plan,
  watch_ms,
  watch_until: null,
  failure: null,
});

/** The steps with one of them changed. */
export const withStep = (
  steps: readonly StepProgress[],
  key: string,
  patch: Partial<StepProgress>,
): StepProgress[] => steps.map((step) => (step.key === key ? { ...step, ...patch } : step));
