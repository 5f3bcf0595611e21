import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DraftPlan, Event } from '@holdfast/contracts';
import { openStore, type Migration, type Store } from '@holdfast/store';
import { createFakeClock, createFakeOwner, type FakeClock } from '@holdfast/testkit';
import { startPostgres } from '@holdfast/testkit/postgres-server';
import { afterAll, describe, expect, it } from 'vitest';
import {
  createGovernanceDouble,
  createLedgerDouble,
  createOwnerDouble,
} from './test-support/doubles.ts';
import { LEASE_MS } from './leases.ts';
import { startEngine, type EngineHost } from './test-support/engine-host.ts';
import { createPauseGate, type PauseGate } from './test-support/pause-gate.ts';
import { planFor, workflowStep } from './test-support/workflow-world.ts';

const SIGNAL = {
  name: 'errors',
  unit: '',
  direction: 'lower_is_better',
  max_regression: 0,
  min_change: 0,
} as const;

/** A step of low risk, a timer, and a step that waits for the ledger; a signal is watched. */
const mixed = ({ steps: [low, risky] }: DraftPlan): Partial<DraftPlan> => ({
  steps: [
    low!,
    workflowStep('pause', 'timer', { ms: 2_000 }),
    { ...risky!, effect: { ...risky!.effect, toward_baseline: false } },
  ],
  signals: [SIGNAL],
});

/** Two stores of the same data; on SQLite one store that both engines use, as if two processes could. */
interface Shared {
  readonly name: string;
  /** How many points further each run is suspended: a real server takes its time. */
  readonly stride: number;
  open(migrations: readonly Migration[]): Promise<[Store, Store]>;
}

const fenceOf = (order: string): number => Number(order.split('@')[1]);

/** Whether the clock of the first engine goes on while it is suspended there. */
const isAsleep = (at: number): boolean => Math.floor(at / 2) % 2 === 0;

/** When the suspended engine wakes up: while the other one drives the run, or when that has brought it to its end. */
type Meets = 'another at work' | 'a finished run';

let runs = 0;

/** One run under two engines, the first of which is suspended at one of its await points. */
const race = async (
  stores: (m: readonly Migration[]) => Promise<[Store, Store]>,
  at: number,
  meets: Meets,
) => {
  const run = `chg_${(runs += 1)}`;
  const fake = createFakeOwner();
  const owner = createOwnerDouble(fake);
  owner.gauge = () => ({ errors: 1 });
  const governance = createGovernanceDouble();
  const seen = new Map<string, Event>();
  const ledger = createLedgerDouble(() => [...seen.values()]);
  const doubles = {
    governance: governance.ops,
    infrastructure_manager: owner.ops,
    immutable_log: ledger.ops,
  };
  let data: Store | undefined;
  const start = (which: 0 | 1, clock: FakeClock, gate: PauseGate): Promise<EngineHost> =>
    startEngine({
      doubles,
      clock,
      gate,
      publish: (events) => events.forEach((event) => seen.set(event.id, event)),
      store: async (migrations) => (data = (await stores(migrations))[which]),
    });
  const clocks = [createFakeClock(), createFakeClock()] as const;
  const gate = createPauseGate(at);
  const first = await start(0, clocks[0], gate);
  const second = await start(1, clocks[1], createPauseGate(0));
  const request = { id: run, plan: planFor(fake, run, mixed), watch_ms: 0 };
  const hasEnded = (): boolean =>
    governance.reports.some((report) => report.id === run && report.state === 'done');
  const until = async (clocked: readonly FakeClock[], pass: () => boolean | Promise<boolean>) => {
    while (!(await pass())) for (const clock of clocked) await clock.advance(500);
  };
  let taken = { fence: 1, journal: 0 };
  const isTakenOver = async (): Promise<boolean> => {
    const sql = 'SELECT fence, journal FROM runs WHERE id = ?';
    taken = (await data!.read<typeof taken>(sql, [run]))[0] ?? taken;
    return taken.fence > 1 || hasEnded();
  };
  const started = first.startRun(request);
  await until([clocks[0]], () => gate.isPaused || hasEnded());
  const wasSuspended = gate.isPaused;
  // Governance asks again, another engine, when it gets no answer.
  await second.startRun(request);
  if (meets === 'another at work') {
    await until([clocks[1]], isTakenOver);
    gate.release();
    await until(clocks, hasEnded);
  } else await until([clocks[1]], hasEnded);
  return {
    run,
    fake,
    owner,
    governance,
    clocks,
    wasSuspended,
    /** How the run stood when it was seen to be another engine's. */
    taken,
    /** Lets the first engine do whatever it still wants to, by its own clock. */
    async wakeUp(): Promise<void> {
      gate.release();
      await started;
      for (let turn = 0; turn < 3; turn += 1) await clocks[0].advance(LEASE_MS);
      await Promise.all([first.stop(), second.stop()]);
    },
    journal: () =>
      data!.read<{ position: number; fence: number; kind: string; step: string | null }>(
        'SELECT position, fence, kind, step FROM journal WHERE run = ? ORDER BY position',
        [run],
      ),
  };
};

const server = await startPostgres();
afterAll(() => server?.stop());
if (server === undefined) console.warn('SKIPPED: engines sharing PostgreSQL, for want of a server');

const dir = mkdtempSync(join(tmpdir(), 'holdfast-takeover-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const onSqlite: Shared = {
  name: 'one SQLite store',
  stride: 1,
  async open(migrations) {
    const store = await openStore({ kernel: 'workflow_engine', dir, migrations });
    return [store, store];
  },
};
const onPostgres: Shared = {
  name: `PostgreSQL${server === undefined ? ' (SKIPPED: no server on this machine)' : ''}`,
  stride: 11,
  open(migrations) {
    const options = { kernel: 'workflow_engine', dir, migrations, shared: true };
    const one = () => openStore({ ...options, databaseUrl: server!.url });
    return Promise.all([one(), one()]);
  },
};

const twoEngines = ({ open, stride }: Shared): void => {
  let opened: Promise<[Store, Store]> | undefined;
  const stores = (migrations: readonly Migration[]) => (opened ??= open(migrations));
  afterAll(async () => {
    for (const store of new Set(await opened)) await store.close();
  });

  /**
   * Suspends the first engine at point after point until it gets to the end without a pause. At every other point its
   * clock stands still meanwhile, so that it thinks that the run is still its own.
   */
  const everyPoint = async (meets: Meets, step: number) => {
    let refused = 0;
    for (let at = 1; ; at += step) {
      const outcome = await race(stores, at, meets);
      const { run, fake, owner, governance, clocks, wasSuspended } = outcome;
      const behindMs = clocks[1].now() - clocks[0].now();
      if (isAsleep(at)) await clocks[0].advance(behindMs);
      await outcome.wakeUp();
      const where = { at, orders: owner.orders };
      expect({ ...where, applied: fake.applied }).toEqual({
        ...where,
        applied: [`${run}/pip-flask`, `${run}/pip-requests`],
      });
      const journal = await outcome.journal();
      const results = journal.filter(({ kind }) => kind === 'result').map(({ step }) => step);
      expect({ at, results }).toEqual({ at, results: ['pip-flask', 'pause', 'pip-requests'] });
      const late = journal.filter(({ position }) => position > outcome.taken.journal);
      expect({ at, late: late.filter(({ fence }) => fence < outcome.taken.fence) }).toEqual({
        at,
        late: [],
      });
      expect(journal.filter(({ kind }) => kind === 'finished')).toHaveLength(1);
      expect(journal.at(-1)?.kind).toBe('finished');
      const ends = governance.reports.filter(({ state }) => /done|failed/.test(state));
      expect(new Set(ends.map(({ state, seq }) => `${state} ${seq}`)).size).toBe(1);
      refused += owner.orders.filter((order, index) =>
        owner.orders.slice(0, index).some((before) => fenceOf(before) > fenceOf(order)),
      ).length;
      if (wasSuspended) continue;
      return { points: at, refused };
    }
  };

  it('carry out each step once and end once when one of them wakes up after the other is done', async () => {
    // It was about to hand a step out: only its owner could tell that it was too late.
    const { points, refused } = await everyPoint('a finished run', stride);
    expect(points).toBeGreaterThan(60);
    expect(refused > 0 || stride > 1).toBe(true);
  }, 240_000);

  it('carry out each step once and end once when one of them wakes up while the other is at work', async () => {
    const { points } = await everyPoint('another at work', stride);
    expect(points).toBeGreaterThan(60);
  }, 240_000);
};

describe(`two engines on ${onSqlite.name}`, () => {
  twoEngines(onSqlite);
});
describe.skipIf(server === undefined)(`two engines on ${onPostgres.name}`, () => {
  twoEngines(onPostgres);
});
