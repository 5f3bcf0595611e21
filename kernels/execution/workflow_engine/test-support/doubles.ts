import {
  HoldfastError,
  type Clearance,
  type Event,
  type Plan,
  type RunReport,
  type SignalSample,
} from '@holdfast/contracts';
import type { FakeOwner } from '@holdfast/testkit';

export const CLEAR: Clearance = { clear: true, code: null, detail: '' };
export const KILLED: Clearance = { clear: false, code: 'kill_switch', detail: 'turned on by ann' };
export const FROZEN: Clearance = {
  clear: false,
  code: 'freeze_window',
  detail: 'host:box_linux is frozen by ann',
};

/** Governance as the workflow engine sees it. Change it at any time. */
export interface GovernanceDouble {
  /** Nothing is answered while it is away. */
  away: boolean;
  clearance: Clearance;
  /** Who let steps of the action `approval` pass, by their key. */
  readonly approved: Map<string, string[]>;
  readonly reports: RunReport[];
  /** How often it was asked whether a step may start. */
  asked: number;
  /** Called whenever something arrived. */
  changed: () => void;
  readonly ops: Readonly<Record<string, (input: never) => unknown>>;
}

export const createGovernanceDouble = (): GovernanceDouble => {
  const reach = (): void => {
    if (double.away) throw new HoldfastError('kernel_unavailable', { kernel: 'governance' });
  };
  const double: GovernanceDouble = {
    away: false,
    clearance: CLEAR,
    approved: new Map(),
    reports: [],
    asked: 0,
    changed: () => {},
    ops: {
      getClearance(): Clearance {
        double.asked += 1;
        double.changed();
        reach();
        return double.clearance;
      },
      getStepApproval({ step }: { step: string }): { approved: boolean; by: string[] } {
        double.changed();
        reach();
        const by = double.approved.get(step) ?? [];
        return { approved: by.length > 0, by };
      },
      reportRun(report: RunReport): { seq: number } {
        reach();
        double.reports.push(report);
        double.changed();
        return { seq: report.seq };
      },
    },
  };
  return double;
};

/** A ledger that signs at once for every event it is given, unless it is away or behind. */
export interface LedgerDouble {
  away: boolean;
  /** The signed checkpoint covers nothing yet. */
  unsigned: boolean;
  asked: number;
  readonly ops: Readonly<Record<string, (input: never) => unknown>>;
}

export const createLedgerDouble = (events: () => readonly Event[]): LedgerDouble => {
  const reach = (): void => {
    double.asked += 1;
    if (double.away) throw new HoldfastError('kernel_unavailable', { kernel: 'immutable_log' });
  };
  const double: LedgerDouble = {
    away: false,
    unsigned: false,
    asked: 0,
    ops: {
      listEntries({ correlation, type }: { correlation: string; type: string }) {
        reach();
        const items = events()
          .map((event, index) => ({ index, id: event.id, leaf_hash: '', event }))
          .filter(({ event }) => event.correlationid === correlation && event.type === type)
          .toReversed();
        return { items, total: items.length, next_cursor: null };
      },
      getProof({ id }: { id: string }) {
        reach();
        const index = events().findIndex((event) => event.id === id);
        const size = double.unsigned ? 0 : events().length;
        const checkpoint = { origin: 'fake', size, root: '', note: '', key: '' };
        return {
          format: 'holdfast.inclusion-proof.v1',
          id,
          index,
          body: '',
          hashes: [],
          checkpoint,
        };
      },
    },
  };
  return double;
};

/** What the owner measures; called once for each sample. */
export type Gauge = (plan: Plan) => Record<string, number | null>;

export interface OwnerDouble {
  readonly fake: FakeOwner;
  gauge: Gauge;
  /** Fences in the order in which steps were asked for: `run/step@fence`. */
  readonly orders: string[];
  readonly ops: Readonly<Record<string, (input: never) => unknown>>;
}

interface Order {
  readonly run: string;
  readonly step: string;
  readonly fence: number;
}

/** A fake owner that refuses engines whose run was taken over, measures signals, and knows nothing of other drivers. */
export const createOwnerDouble = (fake: FakeOwner): OwnerDouble => {
  const highest = new Map<string, number>();
  const ofFake = <T>(op: string, input: unknown): T => fake.ops[op]!(input as never) as T;
  const mine = (plan: Plan): Plan => ({
    ...plan,
    steps: plan.steps.filter((step) => step.do.driver !== 'workflow'),
  });
  const double: OwnerDouble = {
    fake,
    gauge: () => ({}),
    orders: [],
    ops: {
      ...fake.ops,
      applyStep(input: Order) {
        const { run, step, fence } = input;
        double.orders.push(`${run}/${step}@${fence}`);
        const seen = highest.get(run) ?? 0;
        if (fence < seen) throw new HoldfastError('fenced', { run, fence, seen });
        highest.set(run, fence);
        return ofFake('applyStep', input);
      },
      sampleSignals: ({ plan }: { plan: Plan }): SignalSample => ({
        at: new Date(0).toISOString(),
        values: double.gauge(plan),
      }),
      observeChange: ({ plan, undone }: { plan: Plan; undone: boolean }) =>
        ofFake('observeChange', { plan: mine(plan), undone }),
    },
  };
  return double;
};
