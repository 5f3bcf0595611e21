import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_TYPES, HoldfastError } from '@holdfast/contracts';
import type { Clock } from '@holdfast/sdk';
import { createFakeClock } from '@holdfast/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { driftingLog } from '../test-support/fake-cluster.ts';
import { createTuningWorld, ID, refusal, type TuningWorld } from '../test-support/tuning-world.ts';
import { KEPT_OBSERVATIONS } from './observation-store.ts';

let open: TuningWorld | undefined;
const start = async (...options: Parameters<typeof createTuningWorld>): Promise<TuningWorld> => {
  open = await createTuningWorld(...options);
  open.cluster.log = driftingLog;
  return open;
};
afterEach(async () => {
  await open?.close();
  open = undefined;
});

const look = ({ api }: TuningWorld) => api.observeWorkload({ id: ID });
const RETUNE = [
  { knob: 'grad_accum_steps', target: 8, reason: 'drift_detected', chord: 'DRIFT-RETUNE' },
  { knob: 'microbatch_size', target: 32, reason: 'drift_detected', chord: 'DRIFT-RETUNE' },
];

describe('a look at a workload', () => {
  it('says what was measured, what it means and what would be done, and is kept', async () => {
    const world = await start();
    await world.register();
    const seen = await look(world);
    expect(seen).toMatchObject({
      workload: ID,
      problem: null,
      values: { step_time_ms: 100, throughput: 640 },
      signals: { drift: true, notes: ['loss_drift'] },
      assessment: { assessment_result_class: 'signal_found', coverage_ok: true },
      knobs: { grad_accum_steps: 4, microbatch_size: 64 },
      allowed: RETUNE,
      blocked: [],
      change: null,
    });
    const { items } = await world.api.listObservations({ id: ID });
    expect(items).toContainEqual(seen);
    expect(world.governance.proposed()).toEqual([]);
  });

  it('tells with its reason what is not allowed', async () => {
    const world = await start();
    await world.register({ mode: 'propose', max_delta_per_step: 1 });
    expect(await look(world)).toMatchObject({
      allowed: [],
      blocked: [{ reason: 'max_delta_exceeded' }, { reason: 'max_delta_exceeded' }],
      change: null,
    });
    expect(world.governance.proposed()).toEqual([]);
  });

  it('says what it could not read, and proposes nothing then', async () => {
    const world = await start();
    await world.register({ mode: 'propose' });
    world.cluster.faults.down = true;
    expect(await look(world)).toMatchObject({
      problem: expect.stringContaining('workload: '),
      assessment: { assessment_result_class: 'insufficient_evidence' },
      change: null,
    });
    world.cluster.faults.down = false;
    world.cluster.log = () => driftingLog().slice(-2);
    expect(await look(world)).toMatchObject({ assessment: { coverage_ok: false }, change: null });
    expect(world.governance.proposed()).toEqual([]);
  });

  it('is published when it is news, and only then', async () => {
    const world = await start();
    await world.register();
    await look(world);
    await look(world);
    world.cluster.log = () => [];
    await look(world);
    await world.world.waitForEvent(
      ({ type, data }) =>
        type === EVENT_TYPES.workloadObserved && (data['values'] as object) !== undefined,
    );
    await world.api.removeWorkload({ id: ID });
    await world.world.waitForEvent(({ type }) => type === EVENT_TYPES.workloadRemoved);
    const observed = world.world.events.filter(({ type }) => type === EVENT_TYPES.workloadObserved);
    expect(observed).toHaveLength(2);
  });

  it('is kept a bounded number of times, newest first, in pages', async () => {
    const world = await start();
    world.cluster.log = () => [];
    await world.register();
    for (let index = 0; index < KEPT_OBSERVATIONS + 3; index += 1) await look(world);
    const newest = await look(world);
    const first = await world.api.listObservations({ id: ID, limit: 150 });
    expect(first.total).toBe(KEPT_OBSERVATIONS);
    expect(first.items[0]).toEqual(newest);
    const rest = await world.api.listObservations({ id: ID, cursor: first.next_cursor! });
    expect([rest.items.length, rest.next_cursor]).toEqual([KEPT_OBSERVATIONS - 150, null]);
    expect(await refusal(world.api.listObservations({ id: ID, cursor: 'x' }))).toBe(
      'cursor_invalid',
    );
  });

  it('is one for all who ask for it at the same time', async () => {
    const world = await start();
    await world.register();
    const ids = (await Promise.all([look(world), look(world), look(world)])).map(({ id }) => id);
    expect(new Set(ids).size).toBe(1);
  });
});

describe('samples', () => {
  it('of a file are those of the window, of a file in the telemetry folder and of no other', async () => {
    const world = await start();
    const folder = join(world.world.home, 'telemetry');
    mkdirSync(folder);
    const row = (agoS: number, ms: number): string =>
      JSON.stringify({ ts: (Date.now() - agoS * 1000) / 1000, step_time_ms: ms });
    const lines = [row(7200, 1), row(10, 50), row(5, 60), row(2, 70)].join('\n');
    writeFileSync(join(folder, 'a.jsonl'), lines);
    await world.register({ source: { file: { path: 'a.jsonl' } } });
    expect((await look(world)).values).toEqual({ step_time_ms: 60, throughput: null });
    const outside = join(world.world.home, 'b.jsonl');
    writeFileSync(outside, lines);
    symlinkSync(outside, join(folder, 'link.jsonl'));
    for (const path of ['../b.jsonl', outside, 'link.jsonl', 'absent.jsonl', '.']) {
      await world.register({ source: { file: { path } } });
      expect(await look(world)).toMatchObject({
        problem: expect.stringContaining('samples: '),
        values: { step_time_ms: null },
      });
    }
  });

  it('of a log that never ends are none, and are not held in memory', async () => {
    const world = await start();
    const line = `step_time_ms=100 ${'x'.repeat(500_000)}`;
    world.cluster.log = () => Array.from({ length: 100 }, () => line);
    await world.register();
    expect(await look(world)).toMatchObject({
      problem: 'samples: its log of the window is longer than 32 MiB',
    });
  });

  it('of hostile lines are what can be read of them', async () => {
    const world = await start();
    const hostile = [
      '{"__proto__":{"polluted":1},"step_time_ms":1e999}',
      '{"step_time_ms":-1,"ts":"9999-99-99"}',
      `{"a":${'['.repeat(50_000)}`,
      'step_time_ms=NaN throughput=Infinity loss=-0',
      '\u0000\u001b[2J\ud800',
      '',
    ];
    world.cluster.log = () => [...hostile, ...driftingLog(), ...hostile];
    await world.register();
    expect(await look(world)).toMatchObject({
      problem: null,
      values: { step_time_ms: 100, throughput: 640 },
    });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('of a metrics server that does not answer are none, and it says so', async () => {
    const world = await start();
    const url = 'http://127.0.0.1:1';
    await world.register({ source: { prometheus: { url, latency_ms: { metric: 'step_ms' } } } });
    expect(await look(world)).toMatchObject({
      problem: expect.stringContaining('samples: '),
      assessment: { sample_count: 0 },
    });
  });
});

describe('mode propose', () => {
  it('makes one change of what is allowed, and no other while that is open', async () => {
    const world = await start();
    await world.register({ mode: 'propose' });
    await look(world);
    await look(world);
    expect(world.governance.proposed()).toMatchObject([
      { kind: 'workload.tune', target: { workload: ID }, intent: { actions: RETUNE } },
    ]);
    const made = world.governance.proposed()[0]!['id'];
    const { items } = await world.api.listObservations({ id: ID });
    expect(items.at(-1)).toMatchObject({ change: made, note: null });
    for (const later of items.slice(0, -1))
      expect(later).toMatchObject({ change: null, note: `change ${String(made)} is still open` });
    expect(items.length).toBeGreaterThan(1);
    expect((await world.api.getWorkload({ id: ID })).change).toBe(made);
    await world.world.waitForEvent(
      ({ type, correlationid }) => type === EVENT_TYPES.tuningProposed && correlationid === made,
    );
  });

  /** A log that drifts by the clock of the kernel. */
  const driftingBy = (clock: Pick<Clock, 'now'>) => () =>
    driftingLog().map((line) => {
      const record = JSON.parse(line) as { ts: string };
      const ts = new Date(Date.parse(record.ts) - Date.now() + clock.now()).toISOString();
      return JSON.stringify({ ...record, ts });
    });

  it('does not repeat what was done and taken back for an hour, also after a restart', async () => {
    const clock = createFakeClock(Date.now());
    const first = await start({ clock });
    first.cluster.log = driftingBy(clock);
    await first.register({ mode: 'propose', interval_s: 86_400 });
    await look(first);
    const { governance, cluster } = first;
    const [change] = governance.proposed();
    Object.assign(change!, { state: 'done', finished_at: clock.iso(), reverted_by: 'chg_undo' });
    governance.changes.set('chg_undo', { id: 'chg_undo', state: 'applying', reverted_by: null });
    expect((await look(first)).note).toBe('change chg_undo, the undo of chg_1, is still open');
    // Another change in between does not make it forget.
    const other = { id: 'chg_other', state: 'done', intent: { knobs: {} }, reverted_by: null };
    governance.changes.set('chg_other', other);
    await first.plan({ knobs: { concurrency: 4 } }, 'chg_other');
    await clock.advance(3_500_000);
    Object.assign(governance.changes.get('chg_undo')!, {
      state: 'done',
      finished_at: clock.iso(),
      intent: {},
    });
    await first.close({ keep: true });
    open = await createTuningWorld({ cluster, clock, home: first.world.home, governance });
    await clock.advance(3_500_000);
    expect((await look(open)).note).toBe(
      'change chg_1, which was the same, is reverted: it is proposed again after an hour',
    );
    await clock.advance(200_000);
    expect((await look(open)).change).not.toBeNull();
  });

  it('does not repeat by itself what somebody proposed in other words and took back', async () => {
    const world = await start();
    await world.register({ mode: 'observe' });
    const finished_at = new Date().toISOString();
    const intent = { knobs: { microbatch_size: 32, grad_accum_steps: 8 } };
    world.governance.changes.set('chg_a', {
      id: 'chg_a',
      state: 'reverted',
      finished_at,
      intent,
      reverted_by: null,
    });
    await world.plan(intent, 'chg_a');
    await world.register({ mode: 'propose' });
    expect((await look(world)).note).toContain('chg_a, which was the same, is reverted');
  });

  it('does not forget a change for one that somebody only thinks about', async () => {
    const world = await start();
    await world.register({ mode: 'propose' });
    await look(world);
    const before = await world.api.getWorkload({ id: ID });
    await world.plan({ knobs: { concurrency: 4 } }, 'simulated');
    expect(await world.api.getWorkload({ id: ID })).toMatchObject({ change: before.change });
    expect((await look(world)).note).toBe(`change ${before.change} is still open`);
    expect(await refusal(world.api.removeWorkload({ id: ID }))).toBe('workload_busy');
  });

  it('does not repeat a change that came to nothing for an hour', async () => {
    const clock = createFakeClock(Date.now());
    const world = await start({ clock });
    world.cluster.log = driftingBy(clock);
    await world.register({ mode: 'propose', interval_s: 86_400 });
    await look(world);
    const [change] = world.governance.proposed();
    Object.assign(change!, { state: 'blocked', finished_at: clock.iso() });
    expect((await look(world)).note).toContain('is blocked: it is proposed again after an hour');
    await clock.advance(3_600_000);
    expect((await look(world)).change).not.toBeNull();
  });

  it('proposes nothing that is there already', async () => {
    const world = await start({ knobs: { grad_accum_steps: '8', microbatch_size: '32' } });
    await world.register({ mode: 'propose' });
    expect(await look(world)).toMatchObject({
      change: null,
      note: 'the workload has these values already',
    });
  });

  it('notes why governance did not take it, and the change that was in the way', async () => {
    const world = await start();
    world.governance.faults.refuses = new HoldfastError('change_conflict', {
      other: 'chg_9',
      target: 'workload:trainer',
    });
    await world.register({ mode: 'propose' });
    expect(await look(world)).toMatchObject({
      change: 'chg_9',
      note: expect.stringContaining('still open'),
    });
    world.governance.faults.refuses = new HoldfastError('kernel_unavailable', { kernel: 'x' });
    expect(await look(world)).toMatchObject({
      change: null,
      note: expect.stringContaining('does not answer'),
    });
  });
});

describe('the loop', () => {
  it('looks at each workload every interval of its own, also after a restart', async () => {
    const clock = createFakeClock();
    const first = await start({ clock });
    first.cluster.log = () => [];
    await first.register({ interval_s: 60 });
    const count = async ({ api }: TuningWorld): Promise<number> =>
      (await api.listObservations({ id: ID })).total;
    const whenSeen = async (world: TuningWorld, wanted: number): Promise<void> => {
      while ((await count(world)) < wanted) await clock.advance(0);
    };
    await whenSeen(first, 1);
    await clock.advance(30_000);
    expect(await count(first)).toBe(1);
    await clock.advance(30_000);
    await whenSeen(first, 2);
    await first.close({ keep: true });
    open = await createTuningWorld({ cluster: first.cluster, clock, home: first.world.home });
    await clock.advance(30_000);
    expect(await count(open)).toBe(2);
    await clock.advance(30_000);
    await whenSeen(open, 3);
  });

  it('is not held up by a workload whose source does not answer, and is ill where that never ends', async () => {
    const clock = createFakeClock(Date.now());
    const world = await start({ clock });
    const { api, cluster } = world;
    const health = async () =>
      (await world.world.host('mode_keeper').health()).checks.find(({ name }) => name === 'loop');
    let answered = (): void => {};
    const held = new Promise<void>((resolve) => (answered = resolve));
    cluster.faults.onRead = (url) => (url.includes('slow') ? held : undefined);
    const source = { file: { path: 'none.jsonl' } };
    try {
      await api.registerWorkload({ id: 'slow', ref: { name: 'slow' }, source });
      while (cluster.reads === 0) await clock.advance(0);
      await api.registerWorkload({ id: 'quick', ref: { name: 'trainer' }, source });
      while ((await api.listObservations({ id: 'quick' })).total === 0) await clock.advance(0);
      expect(await health()).toMatchObject({ ok: true });
      await clock.advance(601_000);
      expect(await health()).toMatchObject({
        ok: false,
        detail: 'the look at slow does not end',
      });
      expect((await world.world.host('mode_keeper').health()).status).toBe('failing');
    } finally {
      answered();
    }
    while ((await health())?.ok !== true) await clock.advance(0);
  });

  it('begins anew where the clock was set back', async () => {
    const clock = createFakeClock(Date.now());
    const first = await start({ clock });
    await first.register({ interval_s: 60 });
    await look(first);
    await first.close({ keep: true });
    const earlier = createFakeClock(clock.now() - 86_400_000);
    open = await createTuningWorld({
      cluster: first.cluster,
      clock: earlier,
      home: first.world.home,
    });
    const { total } = await open.api.listObservations({ id: ID });
    const now = async (): Promise<number> => (await open!.api.listObservations({ id: ID })).total;
    while ((await now()) === total) await earlier.advance(0);
    expect(await now()).toBe(total + 1);
  });

  it('keeps its process awake as long as something is registered', async () => {
    const world = await start();
    const busy = () => world.world.host('mode_keeper').instance.busy?.();
    await world.register();
    await look(world);
    expect(busy()).toBe('workloads are watched');
    await world.api.removeWorkload({ id: ID });
    while (busy() !== undefined) await new Promise((resolve) => setImmediate(resolve));
    expect(busy()).toBeUndefined();
  });
});
