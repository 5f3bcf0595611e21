import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../harness/run-program.ts';
import { until } from '../harness/until.ts';
import { createMkWorld, MK, templateKnobs, withLicence, type MkWorld } from './support/mk-world.ts';

const NO_CLUSTER = { KUBECTL: '', KUBECONFIG: '/nowhere' };

let world: MkWorld;
beforeEach(() => {
  world = createMkWorld();
});
afterEach(() => world.remove());

describe('closed-loop watch', () => {
  it('writes a folder for each iteration, a roll-up, and a line for each', async () => {
    const { code, stdout } = await world.mk(
      'closed-loop watch --scenario drift --dry-run --interval 0 --max-iterations 2 --out w',
      NO_CLUSTER,
    );
    expect(code).toBe(0);
    expect(world.files('w')).toEqual([
      'iter_0001',
      'iter_0002',
      'watch_latest.json',
      'watch_summary.md',
    ]);
    expect(world.files('w/iter_0002')).toContain('closed_loop_latest.json');
    expect(stdout.split('\n')[1]).toBe(
      'iter=2 verify_ok=n/a apply_attempted=False apply_ok=None blocked=null out=w/iter_0002',
    );
    expect(world.read('w/watch_latest.json')).toMatchObject({
      schema_version: 'v0',
      interval_s: 0,
      max_iterations: 2,
      iterations_done: 2,
      last_iteration_out_dir: 'w/iter_0002',
      proposed_total: 4,
      applied_total: 0,
      dry_run_total: 2,
      artifact_paths: {
        watch_latest_path: 'w/watch_latest.json',
        last_iteration_report_path: 'w/iter_0002/closed_loop_latest.json',
      },
      assessment_result_class: 'signal_found',
    });
    expect(world.read('w/watch_latest.json')).not.toHaveProperty('mode');
  });

  it('ends with its roll-up when nobody reads what it says', async () => {
    const watch = `'${MK}' closed-loop watch --scenario drift --interval 0 --out w`;
    const { code, stdout } = await runProgram(
      'bash',
      ['-c', `${watch} | head -1; exit "\${PIPESTATUS[0]}"`],
      { cwd: world.folder, env: { ...world.env, ...NO_CLUSTER } },
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^iter=1 [^\n]*\n$/);
    const done = world.files('w').filter((name) => name.startsWith('iter_')).length;
    expect(world.read('w/watch_latest.json')).toMatchObject({ iterations_done: done });
  });

  it('takes the older flag for the number of iterations, and leaves it out of the roll-up', async () => {
    await world.mk(
      'closed-loop watch --scenario drift --interval 0 --iterations 1 --out w',
      NO_CLUSTER,
    );
    expect(world.read('w/watch_latest.json')).toMatchObject({
      iterations_done: 1,
      max_iterations: null,
    });
  });

  it('keeps the folders of the latest iterations, and never deletes what it did not make', async () => {
    mkdirSync(world.path('w/iter_0001'), { recursive: true });
    world.write('w/iter_0001/mine.txt', 'mine');
    await world.mk(
      'closed-loop watch --scenario drift --interval 0 --max-iterations 5 --keep-iterations 2 --out w',
      NO_CLUSTER,
    );
    expect(world.files('w').filter((name) => name.startsWith('iter_'))).toEqual([
      'iter_0001',
      'iter_0004',
      'iter_0005',
    ]);
    expect(world.files('w/iter_0001')).toEqual(['mine.txt']);
  });

  it('applies once, waits for the cooldown after that, and keeps the way back', async () => {
    const licensed = await withLicence(world);
    const { code } = await world.mk(
      'closed-loop watch --scenario burst --apply --interval 0 --max-iterations 3 --out w',
      licensed,
    );
    expect(code).toBe(0);
    expect(world.read('w/watch_latest.json')).toMatchObject({
      iterations_done: 3,
      apply_attempted_total: 1,
      apply_ok_total: 1,
      applied_total: 2,
      blocked_total: 4,
    });
    expect(world.read('w/rollback_plan_latest.json')).toMatchObject({ mode: 'captured' });
    expect(templateKnobs(world)['modekeeper/knob.concurrency']).toBe('4');
  });

  it('says each blocked reason once, and ends with 2', async () => {
    const { code, stderr } = await world.mk(
      'closed-loop watch --scenario drift --apply --interval 0 --max-iterations 3 --out w',
    );
    expect(code).toBe(2);
    expect(stderr.trimEnd().split('\n')).toEqual([
      'ERROR: apply blocked: license_missing (use --license-path, MODEKEEPER_LICENSE_PATH, or ./modekeeper.license.json)',
    ]);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'wakes from its sleep on %s, writes a final roll-up and ends with 0',
    async (signal) => {
      const child = spawn(
        MK,
        ['closed-loop', 'watch', '--scenario', 'drift', '--interval', '1h', '--out', 'w'],
        {
          cwd: world.folder,
          env: { ...world.env, ...NO_CLUSTER },
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      );
      await once(child.stdout, 'data');
      child.kill(signal);
      expect(await once(child, 'exit')).toEqual([0, null]);
      expect(world.read('w/watch_latest.json')).toMatchObject({ iterations_done: 1 });
    },
  );

  it('does not wait on TERM for a cluster that does not answer', async () => {
    world.change((state) => {
      state.answers = [{ args: ['logs', '...'], delay_ms: 60_000 }];
    });
    const child = spawn(
      MK,
      [
        ...['closed-loop', 'watch', '--scenario', 'drift', '--observe-source', 'k8s'],
        ...['--interval', '1h', '--out', 'w'],
      ],
      { cwd: world.folder, env: world.env, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const ended = once(child, 'exit');
    await until('the log is asked for', () => world.calls().some(([verb]) => verb === 'logs'));
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(world.read('w/watch_latest.json')).toMatchObject({ iterations_done: 1 });
  }, 15_000);
});
