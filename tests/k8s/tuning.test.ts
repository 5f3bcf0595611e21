import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_TYPES } from '@holdfast/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MK } from '../mk/support/mk-world.ts';
import { unlessShipped } from '../harness/shipped-kernels.ts';
import type { Stack } from '../harness/stack.ts';
import { runProgram } from '../harness/run-program.ts';
import { until } from '../harness/until.ts';
import { CLUSTER_LIMIT_MS, missingCluster, skipNote, type Cluster } from './support/cluster.ts';
import { deploymentsOf, knobs, makeDeployment, readDeployment } from './support/objects.ts';
import { createTrainers, type Trainers } from './support/trainers.ts';
import {
  DRIFTED,
  GRAD,
  startTuningStack,
  TUNED,
  type TuningStack,
} from './support/tuning-stack.ts';

/** Where there is no API server, or no kernel in the build, the title says `SKIPPED: <why>`. */
const missing = missingCluster();
const note = skipNote(missing) || unlessShipped(['mode_keeper']);

describe.skipIf(note !== '')(`the tuning kernel on a real API server${note}`, () => {
  let world: TuningStack;
  let cluster: Cluster;
  let stack: Stack;
  let folder: string;
  let trainers: Trainers;

  beforeAll(async () => {
    world = await startTuningStack();
    ({ cluster, stack, folder } = world);
    trainers = createTrainers(world);
  }, CLUSTER_LIMIT_MS);
  afterAll(() => world?.stop());

  const mk = (args: string) =>
    runProgram(MK, args.split(' '), {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        HOLDFAST_HOME: stack.home,
        KUBECONFIG: join(folder, 'kubeconfig'),
        MODEKEEPER_LICENSE_PATH: 'license_dev.json',
        MODEKEEPER_LICENSE_PUBLIC_KEYS_PATH: 'license_dev_public_keys.json',
      },
    });

  test('a workload is seen as it is, is tuned by a change, rolls out, and is in the ledger', async () => {
    await trainers.make('tuned');
    const seen = await until('samples', async () => {
      const look = await world.keeper.observeWorkload({ id: 'tuned' });
      return look.assessment.sample_count > 4 && look;
    });
    expect(seen).toMatchObject({
      problem: null,
      values: { step_time_ms: 100, throughput: 640 },
      knobs: { grad_accum_steps: 4, microbatch_size: 64 },
    });
    const { id } = await world.tune('tuned');
    expect(await world.ended(id)).toMatchObject({
      state: 'done',
      risk: 'low',
      observation: { status: 'as_planned' },
    });
    expect(await trainers.knobsOf('tuned')).toMatchObject(TUNED);
    await trainers.rolledOut('tuned', TUNED);
    const entries = await until('its end in the ledger', async () => {
      const { items } = await stack.log.listEntries({ correlation: id, limit: 200 });
      return items.some(({ event }) => event.data['to'] === 'done') && items;
    });
    expect(entries.map(({ event }) => event.type)).toContain(EVENT_TYPES.stepFinished);
    const undo = await stack.governance.revertChange({ id });
    expect((await world.ended(undo.id)).state).toBe('done');
    expect(await trainers.knobsOf('tuned')).toMatchObject(DRIFTED);
  });

  test('a rollout that does not end undoes itself', async () => {
    await trainers.make('stuck');
    await trainers.cordon(true);
    try {
      const { id } = await world.tune('stuck');
      const change = await world.reaches(id, ({ state }) => state === 'reverted');
      expect(change.steps[0]?.outcome).toContain('patched, but not in time');
      expect((await world.ended(change.reverted_by!)).state).toBe('done');
      expect(await trainers.knobsOf('stuck')).toMatchObject(DRIFTED);
    } finally {
      await trainers.cordon(false);
    }
    await trainers.rolledOut('stuck', DRIFTED);
  });

  test('a workload that somebody changes meanwhile is left to them, a label or an annotation is no change', async () => {
    await trainers.make('raced');
    const first = await world.tune('raced', true);
    await world.reaches(first.id, ({ state }) => state === 'approved');
    await trainers.patch('raced', knobs({ [GRAD]: '2' }));
    await stack.governance.applyChange({ id: first.id });
    expect(await world.ended(first.id)).toMatchObject({
      state: 'blocked',
      gate: { first: 'plan_stale' },
    });
    expect((await trainers.knobsOf('raced'))[GRAD]).toBe('2');
    await trainers.patch('raced', knobs(DRIFTED));
    await trainers.rolledOut('raced', DRIFTED);
    const second = await world.tune('raced', true);
    await world.reaches(second.id, ({ state }) => state === 'approved');
    // The server moves the generation of a Deployment with any annotation on it.
    await trainers.patch('raced', {
      metadata: { labels: { owner: 'somebody-else' }, annotations: { 'team.example/note': 'x' } },
    });
    await stack.governance.applyChange({ id: second.id });
    expect(await world.ended(second.id)).toMatchObject({ state: 'done' });
    expect(await trainers.knobsOf('raced')).toMatchObject(TUNED);
  });

  test('a workload that is deleted and made anew, with the same knobs, is another one', async () => {
    await trainers.make('anew');
    const { id } = await world.tune('anew', true);
    await world.reaches(id, ({ state }) => state === 'approved');
    await cluster.call('admin', 'DELETE', `${deploymentsOf('anew')}/trainer`);
    await until('it gone', async () => {
      const path = `${deploymentsOf('anew')}/trainer`;
      return (await cluster.call('admin', 'GET', path)).status === 404;
    });
    await makeDeployment(cluster, 'anew', 'trainer', 2);
    await trainers.patch('anew', { metadata: { annotations: DRIFTED }, ...knobs(DRIFTED) });
    await trainers.rolledOut('anew', DRIFTED);
    await stack.governance.applyChange({ id });
    expect(await world.ended(id)).toMatchObject({
      state: 'blocked',
      gate: { first: 'plan_stale' },
    });
    expect(await trainers.knobsOf('anew')).toMatchObject(DRIFTED);
  });

  test('mk hands its plan to the stack, which applies it and takes it back', async () => {
    await trainers.make('handed');
    await world.keeper.removeWorkload({ id: 'handed' });
    expect((await mk('license mint-dev')).code).toBe(0);
    const run = await mk(
      'closed-loop run --scenario drift --k8s-namespace handed --apply --out cl',
    );
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const report = JSON.parse(
      readFileSync(join(folder, 'cl', 'closed_loop_latest.json'), 'utf8'),
    ) as { applied_through: string; change_id: string };
    expect(report.applied_through).toBe('stack');
    expect(await stack.governance.getChange({ id: report.change_id })).toMatchObject({
      state: 'done',
      target: { workload: 'handed.trainer' },
    });
    expect(await trainers.knobsOf('handed')).toMatchObject(TUNED);
    await trainers.rolledOut('handed', TUNED);
    const back = await mk('k8s rollback --plan cl/rollback_plan_latest.json --out back');
    expect(back).toMatchObject({ code: 0, stderr: '' });
    expect(await trainers.knobsOf('handed')).toMatchObject(DRIFTED);
  });

  test('mk verifies again by itself where others wrote to the workload, and not where its replicas moved', async () => {
    await trainers.make('beside');
    expect((await mk('license mint-dev')).code).toBe(0);
    const planned = await mk(
      'closed-loop run --scenario drift --k8s-namespace beside --dry-run --out vs',
    );
    expect(planned.stderr).toBe('');
    const plan = '--plan vs/k8s_plan.json --out vs';
    expect((await mk(`k8s verify ${plan}`)).code).toBe(0);
    await trainers.patch('beside', { spec: { replicas: 3 } });
    const moved = await mk(`k8s apply ${plan} --standalone`);
    expect(moved.code).toBe(1);
    expect(await trainers.knobsOf('beside')).toMatchObject(DRIFTED);
    await trainers.patch('beside', { spec: { replicas: 2 } });
    await trainers.rolledOut('beside', DRIFTED);
    expect((await mk(`k8s verify ${plan}`)).code).toBe(0);
    await trainers.patch('beside', { metadata: { annotations: { 'team.example/note': 'x' } } });
    const applied = await mk(`k8s apply ${plan} --standalone`);
    expect(applied).toMatchObject({ code: 0, stderr: '' });
    const report = JSON.parse(
      readFileSync(join(folder, 'vs', 'k8s_apply_latest.json'), 'utf8'),
    ) as { items: unknown[] };
    expect(report.items).toMatchObject([{ ok: true, verified_again: true }]);
    expect(await trainers.knobsOf('beside')).toMatchObject(TUNED);
  });

  test('a workload that the kernel may only read is refused in the dry run', async () => {
    await trainers.make('denied', 'reader');
    const change = await world.ended((await world.tune('denied')).id);
    expect(change).toMatchObject({ state: 'blocked', gate: { first: 'verify_failed' } });
    expect(change.verify?.checks).toMatchObject([
      { ok: false, detail: 'patching deployments.apps in denied is not allowed' },
    ]);
    const after = await readDeployment(cluster, 'denied', 'trainer');
    expect(after.metadata.annotations).not.toHaveProperty('modekeeper/step');
    expect(await trainers.knobsOf('denied')).toMatchObject(DRIFTED);
  });
});
