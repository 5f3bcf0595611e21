import { makePlan } from '@holdfast/change';
import {
  HoldfastError,
  type Clearance,
  type Event,
  type Observation,
  type Plan,
  type RunReport,
  type StepResult,
} from '@holdfast/contracts';
import { testProfile } from '@holdfast/testkit';
import { OUTCOME, STEPS } from './contender.ts';

/** As many steps at once as jobs: the peers have no such limit. */
const base = testProfile();
export const jobProfile = testProfile({ limits: { ...base.limits, max_parallel_steps: 64 } });

const action = { driver: 'none', action: 'nothing', params: {} };
const REVISION = 'the same for ever';

/** A plan of low risk: no approval, no receipt of the ledger, no signals. */
export const jobPlan = (id: string): Plan => {
  const now = new Date().toISOString();
  const steps = Array.from({ length: STEPS }, (_, n) => ({
    key: `step-${n}`,
    summary: 'do nothing',
    do: action,
    inverse: action,
    inverse_summary: 'do nothing',
    effect: { toward_baseline: true, movement: 'other' as const, major: false, targets: 1 },
  }));
  return makePlan(
    {
      target: { host: id },
      base: { revision: REVISION, observed_at: now },
      steps,
      timeout_ms: 60_000,
    },
    { change: id, kind: 'packages.repair', owner: 'infrastructure_manager', created_at: now },
  );
};

/**
 * What a run needs of the kernels around it, each call counted: governance that lets every step start and hears how runs
 * end, an owner whose steps do nothing, a bus that takes events.
 */
export const createJobWorld = () => {
  const calls: Record<string, number> = {};
  const ends = new Map<string, { resolve(): void; reject(error: Error): void }>();
  const count = (name: string): void => void (calls[name] = (calls[name] ?? 0) + 1);
  return {
    calls: () => ({ ...calls }),
    /** Resolves when governance is told that the run is done, which is written by then. */
    ended: (id: string) =>
      new Promise<void>((resolve, reject) => ends.set(id, { resolve, reject })),
    governance: {
      async getClearance(): Promise<Clearance> {
        count('getClearance');
        return { clear: true, code: null, detail: '' };
      },
      async reportRun({ id, seq, state, detail }: RunReport) {
        count('reportRun');
        if (state === 'done') ends.get(id)?.resolve();
        if (state === 'failed') ends.get(id)?.reject(new Error(detail));
        if (state === 'done' || state === 'failed') ends.delete(id);
        return { seq };
      },
    },
    infrastructure: {
      async applyStep(): Promise<StepResult> {
        count('applyStep');
        return { status: 'succeeded', detail: OUTCOME };
      },
      async observeChange(): Promise<Observation> {
        count('observeChange');
        return {
          status: 'as_planned',
          world_revision: REVISION,
          detail: '',
          differences: [],
          observed_at: new Date().toISOString(),
        };
      },
    },
    bus: {
      async publishEvents({ events }: { events: readonly Event[] }) {
        count('publishEvents');
        return { accepted: events.length, duplicates: 0, last_seq: events.length };
      },
    },
  };
};

export const refuseCall = (kernel: string): never => {
  throw new HoldfastError('kernel_unavailable', { kernel });
};
