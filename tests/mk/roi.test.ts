import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMkWorld, type MkWorld } from './support/mk-world.ts';

let world: MkWorld;
beforeEach(() => {
  world = createMkWorld();
});
afterEach(() => world.remove());

/** Two bursts in a minute and a half of one sample a second. */
const bursty = (): void =>
  world.write(
    'samples.jsonl',
    Array.from({ length: 90 }, (_, second) => {
      const latency = second === 25 || second === 37 ? 900 : 100;
      return `{"ts":${second + 1},"step_time_ms":${latency},"loss":1}\n`;
    }).join(''),
  );

describe('mk roi mk074', () => {
  const COMPARE = 'roi mk074 --observe-source file --observe-path samples.jsonl --out';

  it('compares one knob with the chords, through recovery and relock, the same each time', async () => {
    bursty();
    const { code } = await world.mk(`${COMPARE} a`);
    await world.mk(`${COMPARE} b`);
    expect(code).toBe(0);
    for (const name of ['mk074_before', 'mk074_after', 'mk074_before_after'])
      expect(world.text(`a/${name}_latest.json`)).toBe(world.text(`b/${name}_latest.json`));
    expect(world.read('a/mk074_before_latest.json')).toMatchObject({
      schema_version: 'mk074_before.v0',
      policy: 'scalar',
    });
    const after = world.read('a/mk074_after_latest.json');
    expect(after).toMatchObject({ schema_version: 'mk074_after.v0', policy: 'chord' });
    const timeline = after['timeline'] as { mode: string; blocked_reason: string | null }[];
    expect(timeline.map(({ mode }) => mode)).toEqual([
      ...['HOLD', 'HOLD', 'INCIDENT', 'INCIDENT', 'RECOVER', 'HOLD', 'RELOCK', 'HOLD', 'HOLD'],
    ]);
    expect(timeline[2]).toMatchObject({ tick: 2, blocked_reason: 'PLAN_ONLY' });
    expect(world.read('a/mk074_before_after_latest.json')).toMatchObject({
      schema_version: 'mk074_before_after.v0',
      before: { ticks: 9, apply_steps: 2 },
      after: { ticks: 9, apply_steps: 1, recover_actions: 1, relock_actions: 1 },
      diff: { apply_steps: -1 },
      value_summary: { schema_version: 'value_summary.v0' },
    });
    expect(world.calls()).toEqual([]);
  });

  it.each([
    ['roi mk074 --observe-source file --out r', '--observe-path is required'],
    ['roi mk074 --observe-source synthetic --out r', 'expected one of file, k8s, k8s-logs'],
    ['roi mk074 --observe-source file --observe-path nowhere.jsonl --out r', 'nowhere.jsonl'],
    [
      'roi mk074 --observe-source file --observe-path x.jsonl --interval 0 --out r',
      'more than no time',
    ],
  ])('refuses %s in one line, with 2', async (args, words) => {
    const { code, stderr } = await world.mk(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^ERROR: .*\n$/);
    expect(stderr).toContain(words);
  });
});

describe('mk roi estimate', () => {
  it('gives a range that grows with the signals, and what it is worth', async () => {
    bursty();
    const { code } = await world.mk(
      'roi estimate --observe-source file --observe-path samples.jsonl --out r',
      { MODEKEEPER_GPU_HOUR_USD: '3600', MODEKEEPER_GPU_COUNT: '2' },
    );
    expect(code).toBe(0);
    expect(world.read('r/roi_estimate_latest.json')).toMatchObject({
      schema_version: 'roi_estimate.v0',
      summary: { samples: 90, max_ms: 900, signals: { burst: true } },
      potential: { latency_reduction_pct_range: [2.5, 5] },
      opportunity_usd_est: expect.closeTo(89 * 0.05 * 2, 5),
    });
  });

  it('promises nothing of a stable recording', async () => {
    world.write('calm.jsonl', '{"ts":1,"step_time_ms":100,"loss":1}\n'.repeat(20));
    await world.mk('roi estimate --observe-source file --observe-path calm.jsonl --out r');
    expect(world.read('r/roi_estimate_latest.json')).toMatchObject({
      potential: { speedup_pct_range: [0, 0] },
      notes: ['stable'],
    });
  });
});

describe('mk roi report', () => {
  it('takes the value of the last iteration of a watch where there is no eval', async () => {
    await world.mk('closed-loop watch --scenario drift --interval 0 --iterations 2 --out w', {
      KUBECTL: '',
      KUBECONFIG: '/nowhere',
    });
    const { code } = await world.mk('roi report --watch w/watch_latest.json --out r');
    expect(code).toBe(0);
    const iteration = world.read('w/iter_0002/closed_loop_latest.json');
    expect(world.read('r/roi_latest.json')).toMatchObject({
      schema_version: 'roi.v0',
      inputs: { preflight: { found: false }, eval: { found: false }, watch: { found: true } },
      preflight_ok: null,
      value_from: 'watch',
      opportunity_hours_est: iteration['opportunity_hours_est'],
      totals: { iterations_done: 2, proposed_total: 4, reverted_total: 0 },
    });
    expect(world.text('r/roi_summary.md')).toContain('- proposed_total: 4\n');
  });

  it('says which reports it looked for where there is none', async () => {
    const { code, stderr } = await world.mk('roi report --out r');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^ERROR: none of these is a report: report\/preflight\/.*\n$/);
  });
});
