import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Change, TunedWorkload } from '@holdfast/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  startFakeCluster,
  type FakeCluster,
} from '../../kernels/execution/mode_keeper/test-support/fake-cluster.ts';
import { createOwnStack } from '../harness/own-stack.ts';
import { runProgram } from '../harness/run-program.ts';
import { unlessShipped } from '../harness/shipped-kernels.ts';
import type { Stack } from '../harness/stack.ts';
import { MK, type Json } from '../mk/support/mk-world.ts';

/** Empty, or '(SKIPPED: not shipped yet: ...)'. */
const missing = unlessShipped(['mode_keeper']);

const BEFORE = { grad_accum_steps: '4', microbatch_size: '64' };
const TUNED = { grad_accum_steps: '8', microbatch_size: '32' };

describe.skipIf(missing)(`mk beside a running stack${missing}`, () => {
  let stack: Stack;
  let cluster: FakeCluster;
  let folder: string;

  const mk = (args: string, env: NodeJS.ProcessEnv = {}) =>
    runProgram(MK, args.split(' '), {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        HOLDFAST_HOME: stack.home,
        KUBECONFIG: cluster.kubeconfig,
        MODEKEEPER_LICENSE_PATH: 'license_dev.json',
        MODEKEEPER_LICENSE_PUBLIC_KEYS_PATH: 'license_dev_public_keys.json',
        ...env,
      },
    });
  const read = (path: string): Json => JSON.parse(readFileSync(join(folder, path), 'utf8')) as Json;
  const tunings = async (): Promise<Change[]> =>
    (await stack.governance.listChanges({})).items.filter(
      ({ target }) => target['workload'] !== undefined,
    );

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mk-stack-'));
    cluster = await startFakeCluster(BEFORE);
    stack = await createOwnStack({ kubeconfig: cluster.kubeconfig });
    const up = await stack.up();
    if (up.code !== 0) throw new Error(up.stderr);
    await mk('license mint-dev');
  });
  afterAll(async () => {
    await stack?.destroy();
    await cluster?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    cluster.stored.length = 0;
    // Drifted again, and with no memory of what was applied.
    const annotations = Object.fromEntries(
      Object.entries(BEFORE).map(([knob, value]) => [`modekeeper/knob.${knob}`, value]),
    );
    cluster.touch((object) => {
      object.metadata.annotations = { ...annotations };
      const template = object.spec?.['template'] as { metadata: { annotations: object } };
      template.metadata.annotations = { ...annotations };
    });
  });

  test('a workload is registered, looked at and forgotten by the command line', async () => {
    const workloads = (...args: string[]) => stack.cli('workloads', ...args);
    expect((await workloads()).stdout).toBe('no workload is registered\n');
    const made = await workloads('register', 'mine', '--name', 'trainer', '--cooldown', '10m');
    expect([made.code, made.stderr]).toEqual([0, '']);
    expect(made.stdout).toContain('registered mine: Deployment default/trainer');
    const seen = await workloads('observe', 'mine', '--json');
    expect(seen.json()).toMatchObject({
      workload: 'mine',
      problem: null,
      knobs: { grad_accum_steps: 4, microbatch_size: 64 },
    });
    const { id } = seen.json<{ id: string }>();
    const looks = await workloads('observations', 'mine', '--json');
    expect(looks.json<{ items: { id: string }[] }>().items.map((one) => one.id)).toContain(id);
    expect((await workloads('observations', 'mine')).stdout).toContain('STEP TIME');
    expect((await workloads('remove', 'mine')).code).toBe(0);
    const gone = await workloads('show', 'mine');
    expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining('workload_not_found')]);
    expect((await workloads('register', 'mine', '--mode', 'apply')).code).toBe(64);
  });

  test('an apply of the loop is a change through the gate, in the ledger', async () => {
    const run = await mk('closed-loop run --scenario drift --apply --out run');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const report = read('run/closed_loop_latest.json');
    expect(report).toMatchObject({
      applied_through: 'stack',
      standalone_forced: false,
      apply_ok: true,
      apply_blocked_reason: null,
    });
    const id = report['change_id'] as string;
    expect(run.stdout).toContain(id);
    expect(cluster.knobs()).toEqual(TUNED);
    expect(cluster.stored).toHaveLength(1);
    expect(await stack.governance.getChange({ id })).toMatchObject({
      state: 'done',
      kind: 'workload.tune',
      proposed_by: 'owner',
    });
    expect((await stack.log.listEntries({ correlation: id })).total).toBeGreaterThan(0);
    const listed = await stack.cli('workloads', '--json');
    expect(listed.json<{ items: TunedWorkload[] }>().items).toMatchObject([
      { id: 'default.trainer', ref: { name: 'trainer' }, change: id },
    ]);
    expect((await stack.cli('workloads', 'show', 'default.trainer')).stdout).toContain(id);
  });

  test('an applied plan is rolled back by the undo of its change', async () => {
    expect((await mk('closed-loop run --scenario drift --out plan')).code).toBe(0);
    expect((await mk('k8s verify --plan plan/k8s_plan.json --out plan')).code).toBe(0);
    const applied = await mk('k8s apply --plan plan/k8s_plan.json --out plan');
    expect(applied).toMatchObject({ code: 0, stderr: '' });
    const report = read('plan/k8s_apply_latest.json');
    expect(report).toMatchObject({ ok: true, applied_through: 'stack' });
    const back = await mk('k8s rollback --plan plan/rollback_plan_latest.json --out back');
    expect(back).toMatchObject({ code: 0, stderr: '' });
    expect(cluster.knobs()).toEqual(BEFORE);
    const undo = read('back/k8s_rollback_latest.json');
    expect(undo).toMatchObject({ ok: true, applied_through: 'stack' });
    const change = await stack.governance.getChange({ id: report['change_id'] as string });
    expect(change.reverted_by).toBe(undo['change_id']);
  });

  test('an apply that mk sees getting worse is taken back by the undo of its change', async () => {
    const linesAt = (minute: string, stepMs: number): string[] =>
      Array.from({ length: 20 }, (_, index) => {
        const ts = `${minute}${String(index).padStart(2, '0')}.000Z`;
        return JSON.stringify({ ts, step: index, step_time_ms: stepMs, loss: 1 + index * 0.05 });
      });
    const { log } = cluster;
    // Neither minute is within the window of the stack, so that it has nothing to watch by itself.
    const drifting = [...linesAt('2026-01-01T00:00:', 100), ...linesAt('2999-01-01T00:00:', 130)];
    cluster.log = () => drifting;
    const run = await mk(
      'closed-loop run --observe-source k8s --scenario x --apply --watch-window 20ms --out worse',
    );
    cluster.log = log;
    expect(run).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ERROR: apply rolled back: step_time_ms went from'),
    });
    expect(cluster.knobs()).toEqual(BEFORE);
    const report = read('worse/closed_loop_latest.json');
    expect(report).toMatchObject({ applied_through: 'stack', revert: { ok: true } });
    const undo = read('worse/k8s_rollback_latest.json');
    expect(undo).toMatchObject({ ok: true, applied_through: 'stack' });
    const change = await stack.governance.getChange({ id: report['change_id'] as string });
    expect(change.reverted_by).toBe(undo['change_id']);
  });

  test('the kill switch of either side blocks, and nothing is patched', async () => {
    const count = (await tunings()).length;
    const own = await mk('closed-loop run --scenario drift --apply --out own', {
      MODEKEEPER_KILL_SWITCH: '1',
    });
    expect(own).toMatchObject({
      code: 2,
      stderr: 'ERROR: MODEKEEPER_KILL_SWITCH=1 blocks apply/mutate operations\n',
    });
    expect(await tunings()).toHaveLength(count);
    await stack.cli('freeze', '--reason', 'audit');
    const run = await mk('closed-loop run --scenario drift --apply --out frozen');
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/^ERROR: apply blocked by the stack: kill_switch \(.*audit.*\)\n$/);
    expect(read('frozen/closed_loop_latest.json')).toMatchObject({
      applied_through: 'stack',
      apply_attempted: false,
      apply_blocked_reason: 'kill_switch',
      change_id: expect.stringMatching(/^chg_/),
    });
    const watch = await mk(
      'closed-loop watch --scenario drift --apply --max-iterations 2 --interval 0 --out watched',
    );
    expect(watch.code).toBe(2);
    expect(read('watched/watch_latest.json')['apply_blocked_reason']).toBe('kill_switch');
    await stack.cli('unfreeze');
    expect(cluster.stored).toEqual([]);
    expect(cluster.knobs()).toEqual(BEFORE);
  });

  test('--standalone applies past the stack, and says so', async () => {
    const count = (await tunings()).length;
    const run = await mk('closed-loop run --scenario drift --apply --standalone --out alone');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toContain('past any stack (--standalone)');
    expect(read('alone/closed_loop_latest.json')).toMatchObject({
      applied_through: 'standalone',
      standalone_forced: true,
      change_id: null,
    });
    expect(cluster.knobs()).toEqual(TUNED);
    expect(await tunings()).toHaveLength(count);
  });

  test('a stack that is down leaves mk to itself', async () => {
    await stack.down();
    const run = await mk('closed-loop run --scenario drift --apply --out down');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(read('down/closed_loop_latest.json')).toMatchObject({
      applied_through: 'standalone',
      standalone_forced: false,
    });
    expect(cluster.knobs()).toEqual(TUNED);
  });
});
