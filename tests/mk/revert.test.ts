import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../harness/until.ts';
import {
  createMkWorld,
  eventsOf,
  MK,
  templateKnobs,
  withLicence,
  type Json,
  type MkWorld,
} from './support/mk-world.ts';

let world: MkWorld;
let licensed: NodeJS.ProcessEnv;
beforeEach(async () => {
  world = createMkWorld();
  licensed = await withLicence(world);
});
afterEach(() => world.remove());

/** Stamps of the log: what is from a year to come is from after the apply. */
const BEFORE = '2026-01-01T00:00:';
const AFTER = '2999-01-01T00:00:';

interface Window {
  readonly stepMs: number;
  readonly throughput?: number;
  readonly count?: number;
}

const linesOf = (stamp: string, { stepMs, throughput, count = 20 }: Window): string[] =>
  Array.from({ length: count }, (_, index) => {
    const fields = {
      step_time_ms: stepMs + (index % 3) / 10,
      loss: 1,
      worker_latencies_ms: [stepMs, stepMs, 3 * stepMs],
      ...(throughput === undefined ? {} : { throughput }),
    };
    return `${stamp}${String(index).padStart(2, '0')}.000000000Z ${JSON.stringify(fields)}`;
  });

/** The double answers every request for the log with the whole of it; mk tells by the stamps what was when. */
const logged = (before: Window, after: Window): void =>
  world.change((state) => {
    state.logs['default/trainer-1'] = [...linesOf(BEFORE, before), ...linesOf(AFTER, after)];
  });

const RUN =
  'closed-loop run --observe-source k8s --scenario x --apply --watch-window 20ms --out cl';
const report = (): Json => world.read('cl/closed_loop_latest.json');
const knobs = (): Record<string, string> => templateKnobs(world);
const WORKERS = 'modekeeper/knob.dataloader_num_workers';

describe('an apply that is watched', () => {
  it('stays where the steps are no slower, and its report says what was compared', async () => {
    logged({ stepMs: 100 }, { stepMs: 90 });
    const { code, stderr } = await world.mk(RUN, licensed);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(knobs()).toMatchObject({ [WORKERS]: '2' });
    expect(report()).toMatchObject({
      revert: null,
      apply_ok: true,
      regression_watch: {
        state: 'passed',
        sample_count: 20,
        window_s: 0.02,
        signals: [{ name: 'step_time_ms', pass: true }],
      },
    });
    expect(eventsOf(world, 'cl')).toContain('closed_loop_regression_watch');
  });

  it.each([
    ['steps got slower', { stepMs: 100 }, { stepMs: 130 }, 'step_time_ms went from'],
    [
      'throughput got less, while the steps did not get slower',
      { stepMs: 100, throughput: 50 },
      { stepMs: 100, throughput: 40 },
      'throughput went from 50 to 40',
    ],
    ['nothing was measured since', { stepMs: 100 }, { stepMs: 1, count: 0 }, '0 samples'],
    [
      'the throughput is no longer measured',
      { stepMs: 100, throughput: 50 },
      { stepMs: 100 },
      'throughput could not be measured',
    ],
  ])('is taken back through the gates where %s', async (_, before, after, why) => {
    logged(before, after);
    const held = knobs();
    const { code, stderr } = await world.mk(RUN, licensed);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^ERROR: apply rolled back: .*\n$/);
    expect(stderr).toContain(why);
    expect(knobs()).toEqual(held);
    expect(report()).toMatchObject({
      applied: [],
      apply_attempted: true,
      apply_ok: true,
      apply_decision_summary: 'apply executed: ok, then rolled back',
      regression_watch: { state: 'failed', reason: expect.stringContaining(why) },
      revert: {
        ok: true,
        reason: null,
        rollback_plan_path: 'cl/rollback_plan_latest.json',
        report_path: 'cl/k8s_rollback_latest.json',
      },
    });
    expect((report()['results'] as Json[])[0]).toMatchObject({
      applied: false,
      reason: 'reverted',
    });
    expect(world.read('cl/k8s_rollback_verify_latest.json')).toMatchObject({ ok: true });
    expect(world.read('cl/k8s_rollback_latest.json')).toMatchObject({ ok: true, verify_ok: true });
    const events = eventsOf(world, 'cl');
    expect(events.indexOf('closed_loop_revert')).toBeGreaterThan(
      events.indexOf('closed_loop_regression_watch'),
    );
  });

  it('stays in force, says so and ends with 1 where its rollback is refused', async () => {
    logged({ stepMs: 100 }, { stepMs: 200 });
    world.change((state) => {
      const dryRun = '--dry-run=server';
      const patch = ['-n', 'default', 'patch', 'deployment/trainer', '--type', 'merge', dryRun];
      const back = JSON.stringify({
        metadata: { annotations: { [WORKERS]: null } },
        spec: { template: { metadata: { annotations: { [WORKERS]: null } } } },
      });
      state.answers = [
        { args: [...patch, '-o', 'name', '-p', back], rc: 1, stderr: 'Error: no way back\n' },
      ];
    });
    const { code, stderr } = await world.mk(RUN, licensed);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^ERROR: rollback refused: verify_failed: the apply stays in force, although step_time_ms .*\n$/,
    );
    expect(knobs()).toMatchObject({ [WORKERS]: '2' });
    expect(report()).toMatchObject({
      apply_ok: true,
      revert: { ok: false, reason: 'verify_failed', detail: expect.stringMatching(/./) },
    });
    expect(world.read('cl/k8s_rollback_latest.json')).toMatchObject({
      ok: false,
      block_reason: 'verify_failed',
    });
  });

  it('is taken back where its rollout does not end in time', async () => {
    logged({ stepMs: 100 }, { stepMs: 90 });
    world.change((state) => {
      for (const object of state.objects)
        if (object.kind === 'Deployment')
          object.status = { replicas: 2, updatedReplicas: 1, availableReplicas: 1 };
    });
    const held = knobs();
    const { code, stderr } = await world.mk(`${RUN} --rollout-timeout 10ms`, licensed);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^ERROR: apply rolled back: its rollout is not finished: .*\n$/);
    expect(knobs()).toEqual(held);
  });

  it('is not watched where that is asked for, nor with samples that are made up', async () => {
    logged({ stepMs: 100 }, { stepMs: 200 });
    const off = await world.mk(RUN.replace('20ms', '0'), licensed);
    expect(off.code).toBe(0);
    expect(report()).toMatchObject({ regression_watch: { state: 'off' }, revert: null });
    const made = await world.mk('closed-loop run --apply --out made', licensed);
    expect(made.code).toBe(0);
    expect(world.read('made/closed_loop_latest.json')).toMatchObject({
      regression_watch: { state: 'not_measurable' },
    });
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'is taken back on %s, as nobody sees its window to the end',
    async (signal) => {
      logged({ stepMs: 100 }, { stepMs: 90 });
      const held = knobs();
      const child = spawn(MK, RUN.replace('20ms', '1h').split(' '), {
        cwd: world.folder,
        env: { ...world.env, ...licensed },
        stdio: 'ignore',
      });
      const ended = once(child, 'exit');
      await until('the window begins', () => {
        const isThere = world.files('.').includes('cl');
        return isThere && eventsOf(world, 'cl').includes('closed_loop_regression_watch_start');
      });
      child.kill(signal);
      expect(await ended).toEqual([1, null]);
      expect(knobs()).toEqual(held);
      expect(report()).toMatchObject({ regression_watch: { state: 'stopped' } });
    },
    30_000,
  );
});

describe('a session whose apply is taken back', () => {
  it('goes on, counts it, keeps to the cooldown, and ends with 1', async () => {
    logged({ stepMs: 100 }, { stepMs: 200 });
    const { code, stderr } = await world.mk(
      RUN.replace('run', 'watch --interval 0 --max-iterations 2'),
      licensed,
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^ERROR: apply rolled back: .*\n$/);
    expect(world.read('cl/watch_latest.json')).toMatchObject({
      iterations_done: 2,
      applied_total: 0,
      apply_attempted_total: 1,
      apply_ok_total: 1,
      reverted_total: 1,
      revert_failed_total: 0,
    });
    expect(world.files('cl')).not.toContain('rollback_plan_latest.json');
  });
});
