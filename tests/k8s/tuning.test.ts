import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENT_TYPES, isTerminal, modeKeeperApi, type Change } from '@holdfast/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOwnStack } from '../harness/own-stack.ts';
import { MK } from '../mk/support/mk-world.ts';
import { configWith } from '../harness/quick-config.ts';
import { unlessShipped } from '../harness/shipped-kernels.ts';
import type { Stack } from '../harness/stack.ts';
import { runProgram } from '../harness/run-program.ts';
import { until } from '../harness/until.ts';
import {
  CLUSTER_LIMIT_MS,
  missingCluster,
  skipNote,
  startCluster,
  type Cluster,
} from './support/cluster.ts';
import {
  MERGE_PATCH,
  deploymentsOf,
  knobs,
  makeDeployment,
  makeNamespace,
  podsWith,
  readDeployment,
} from './support/objects.ts';

/** Where there is no API server, or no kernel in the build, the title says `SKIPPED: <why>`. */
const missing = missingCluster();
const note = skipNote(missing) || unlessShipped(['mode_keeper']);

const GRAD = 'modekeeper/knob.grad_accum_steps';
const MICRO = 'modekeeper/knob.microbatch_size';
const DRIFTED = { [GRAD]: '4', [MICRO]: '64' };
const TUNED = { [GRAD]: '8', [MICRO]: '32' };
const INTENT = { knobs: { grad_accum_steps: 8, microbatch_size: 32 } };
const STEP_TIMEOUT_S = 20;
const LOG_EVERY_MS = 250;

interface KubeConfig {
  readonly clusters: unknown[];
  readonly users: { readonly name: string }[];
  readonly contexts: unknown[];
}

/** A kubeconfig with a context for each user, named after it. */
const kubeconfigOf = ({ kubeconfigs }: Cluster, folder: string): string => {
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as KubeConfig;
  const [admin, reader] = [read(kubeconfigs.admin), read(kubeconfigs.reader)];
  const path = join(folder, 'kubeconfig');
  const context = (user: string) => ({
    name: user,
    context: { cluster: 'holdfast-test', user },
  });
  const merged = {
    ...admin,
    users: [...admin.users, ...reader.users],
    contexts: [context('admin'), context('reader')],
    'current-context': 'admin',
  };
  writeFileSync(path, JSON.stringify(merged), { mode: 0o600 });
  return path;
};

/** The shipped configuration for this cluster, with little patience for a rollout. */
const configOf = (cluster: Cluster, folder: string): string => {
  const kubeconfig = kubeconfigOf(cluster, folder);
  const config = configWith(join(folder, 'config'), {
    activation: 'always',
    kubeconfig,
    rate_limit_rps: 100_000,
  });
  const base = join(config, 'profiles', 'kernel.base.yaml');
  const text = readFileSync(base, 'utf8');
  const patient = /^(mode_keeper:[^]*?\n {2}step_timeout_s: )\d+$/m;
  if (!patient.test(text)) throw new Error(`${base}: no mode_keeper.step_timeout_s`);
  writeFileSync(base, text.replace(patient, `$1${STEP_TIMEOUT_S}`));
  return config;
};

describe.skipIf(note !== '')(`the tuning kernel on a real API server${note}`, () => {
  let cluster: Cluster;
  let stack: Stack;
  let folder: string;
  let logging: NodeJS.Timeout | undefined;
  const keeper = () => stack.client(modeKeeperApi);

  /** What every container of the cluster logs from now on: a steady step time. */
  const log = (): void => {
    const ts = new Date().toISOString();
    const sample = { ts, step_time_ms: 100, throughput: 640, loss: 1 };
    appendFileSync(cluster.pod_log, `${ts} stdout F ${JSON.stringify(sample)}\n`);
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-tuning-'));
    cluster = await startCluster({ nodes: 2 });
    logging = setInterval(log, LOG_EVERY_MS);
    stack = await createOwnStack({}, { env: { HOLDFAST_CONFIG_DIR: configOf(cluster, folder) } });
    const up = await stack.up();
    if (up.code !== 0) throw new Error(up.stderr);
  }, CLUSTER_LIMIT_MS);
  afterAll(async () => {
    await stack?.destroy();
    clearInterval(logging);
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const patch = (namespace: string, body: unknown) =>
    cluster.call('admin', 'PATCH', `${deploymentsOf(namespace)}/trainer`, body, MERGE_PATCH);
  const knobsOf = async (namespace: string): Promise<Readonly<Record<string, string>>> => {
    const found = (await readDeployment(cluster, namespace, 'trainer')) as unknown as {
      spec: { template: { metadata: { annotations?: Record<string, string> } } };
    };
    return found.spec.template.metadata.annotations ?? {};
  };
  const rolledOut = (namespace: string, values: Readonly<Record<string, string>>) =>
    until(`the pods of ${namespace} to have their knobs`, async () => {
      const pods = await podsWith(cluster, namespace, 'trainer');
      const found = await readDeployment(cluster, namespace, 'trainer');
      const isNew = pods.every(
        ({ metadata, status }) =>
          metadata.annotations?.[GRAD] === values[GRAD] && status.phase === 'Running',
      );
      return isNew && pods.length === 2 && found.status.availableReplicas === 2;
    });

  /** A namespace with a drifted trainer at rest, which the stack knows by the name of the namespace. */
  const makeTrainer = async (namespace: string, context: string | null = null): Promise<void> => {
    await makeNamespace(cluster, namespace);
    await makeDeployment(cluster, namespace, 'trainer', 2);
    await patch(namespace, { metadata: { annotations: DRIFTED }, ...knobs(DRIFTED) });
    await rolledOut(namespace, DRIFTED);
    await keeper().registerWorkload({
      id: namespace,
      context,
      ref: { namespace, name: 'trainer' },
      source: { pod_logs: {} },
    });
  };
  const tune = (workload: string, hold = false): Promise<Change> =>
    stack.governance.proposeChange({
      kind: 'workload.tune',
      target: { workload },
      intent: INTENT,
      hold,
    });
  const reaches = (id: string, pass: (change: Change) => boolean): Promise<Change> =>
    until(
      'the change',
      async () => {
        const now = await stack.governance.getChange({ id });
        return pass(now) && now;
      },
      4 * STEP_TIMEOUT_S * 1000,
    );
  const ended = (id: string): Promise<Change> =>
    until('the end of the change', async () => {
      const now = await stack.governance.getChange({ id, until: 'end', wait_ms: 20_000 });
      return isTerminal(now.state) && now;
    });

  test('a workload is seen as it is, is tuned by a change, rolls out, and is in the ledger', async () => {
    await makeTrainer('tuned');
    const seen = await until('samples', async () => {
      const look = await keeper().observeWorkload({ id: 'tuned' });
      return look.assessment.sample_count > 4 && look;
    });
    expect(seen).toMatchObject({
      problem: null,
      values: { step_time_ms: 100, throughput: 640 },
      knobs: { grad_accum_steps: 4, microbatch_size: 64 },
    });
    const { id } = await tune('tuned');
    expect(await ended(id)).toMatchObject({
      state: 'done',
      risk: 'low',
      observation: { status: 'as_planned' },
    });
    expect(await knobsOf('tuned')).toMatchObject(TUNED);
    await rolledOut('tuned', TUNED);
    const entries = await until('its end in the ledger', async () => {
      const { items } = await stack.log.listEntries({ correlation: id, limit: 200 });
      return items.some(({ event }) => event.data['to'] === 'done') && items;
    });
    expect(entries.map(({ event }) => event.type)).toContain(EVENT_TYPES.stepFinished);
    const undo = await stack.governance.revertChange({ id });
    expect((await ended(undo.id)).state).toBe('done');
    expect(await knobsOf('tuned')).toMatchObject(DRIFTED);
  });

  test('a rollout that does not end undoes itself', async () => {
    await makeTrainer('stuck');
    const schedulable = async (unschedulable: boolean): Promise<void> => {
      for (const node of cluster.nodes)
        await cluster.call(
          'admin',
          'PATCH',
          `/api/v1/nodes/${node}`,
          { spec: { unschedulable } },
          MERGE_PATCH,
        );
    };
    await schedulable(true);
    try {
      const { id } = await tune('stuck');
      const change = await reaches(id, ({ state }) => state === 'reverted');
      expect(change.steps[0]?.outcome).toContain('patched, but not in time');
      expect((await ended(change.reverted_by!)).state).toBe('done');
      expect(await knobsOf('stuck')).toMatchObject(DRIFTED);
    } finally {
      await schedulable(false);
    }
    await rolledOut('stuck', DRIFTED);
  });

  test('a workload that somebody changes meanwhile is left to them, a label of it is no change', async () => {
    await makeTrainer('raced');
    const first = await tune('raced', true);
    await reaches(first.id, ({ state }) => state === 'approved');
    await patch('raced', knobs({ [GRAD]: '2' }));
    await stack.governance.applyChange({ id: first.id });
    expect(await ended(first.id)).toMatchObject({
      state: 'blocked',
      gate: { first: 'plan_stale' },
    });
    expect((await knobsOf('raced'))[GRAD]).toBe('2');
    await patch('raced', knobs(DRIFTED));
    await rolledOut('raced', DRIFTED);
    const second = await tune('raced', true);
    await reaches(second.id, ({ state }) => state === 'approved');
    await patch('raced', { metadata: { labels: { owner: 'somebody-else' } } });
    await stack.governance.applyChange({ id: second.id });
    expect(await ended(second.id)).toMatchObject({ state: 'done' });
    expect(await knobsOf('raced')).toMatchObject(TUNED);
  });

  test('mk hands its plan to the stack, which applies it and takes it back', async () => {
    await makeTrainer('handed');
    await keeper().removeWorkload({ id: 'handed' });
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
    expect(await knobsOf('handed')).toMatchObject(TUNED);
    await rolledOut('handed', TUNED);
    const back = await mk('k8s rollback --plan cl/rollback_plan_latest.json --out back');
    expect(back).toMatchObject({ code: 0, stderr: '' });
    expect(await knobsOf('handed')).toMatchObject(DRIFTED);
  });

  test('a workload that the kernel may only read is refused in the dry run', async () => {
    await makeTrainer('denied', 'reader');
    const change = await ended((await tune('denied')).id);
    expect(change).toMatchObject({ state: 'blocked', gate: { first: 'verify_failed' } });
    expect(change.verify?.checks).toMatchObject([
      { ok: false, detail: 'patching deployments.apps in denied is not allowed' },
    ]);
    const after = await readDeployment(cluster, 'denied', 'trainer');
    expect(after.metadata.annotations).not.toHaveProperty('modekeeper/step');
    expect(await knobsOf('denied')).toMatchObject(DRIFTED);
  });
});
