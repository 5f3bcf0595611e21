import {
  HoldfastError,
  type Clearance,
  type Event,
  type InclusionProofFile,
  type Plan,
  type RunReport,
  type SignalSample,
} from '@holdfast/contracts';
import { createFakeLedger, fakeLedgerSigner, type FakeOwner } from '@holdfast/testkit';

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
  /** It has no signed checkpoint yet. */
  unsigned: boolean;
  /** What its key is made of. */
  signer: string;
  /** What it says as an answer to one op; makes of it what it wants. */
  lie: (answer: InclusionProofFile) => InclusionProofFile;
  asked: number;
  readonly ops: Readonly<Record<string, (input: never) => unknown>>;
}

export const createLedgerDouble = (events: () => readonly Event[]): LedgerDouble => {
  const { listEntries, getProof } = createFakeLedger(events, () => fakeLedgerSigner(double.signer));
  const reach = (): void => {
    double.asked += 1;
    if (double.away) throw new HoldfastError('kernel_unavailable', { kernel: 'immutable_log' });
  };
  const double: LedgerDouble = {
    away: false,
    unsigned: false,
    signer: 'fake-ledger',
    lie: (answer) => answer,
    asked: 0,
    ops: {
      listEntries(input: never) {
        reach();
        return listEntries!(input);
      },
      async getProof(input: never) {
        reach();
        const proof = (await getProof!(input)) as InclusionProofFile;
        if (!double.unsigned) return double.lie(proof);
        return { ...proof, checkpoint: { ...proof.checkpoint, size: 0, note: '' } };
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
  /** What a look at the target waits for. */
  eyes: () => Promise<void>;
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
    eyes: () => Promise.resolve(),
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
      async observeChange({ plan, undone }: { plan: Plan; undone: boolean }) {
        await double.eyes();
        return ofFake('observeChange', { plan: mine(plan), undone });
      },
    },
  };
  return double;
};
