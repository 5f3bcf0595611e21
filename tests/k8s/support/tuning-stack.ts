import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isTerminal, modeKeeperApi, type Change } from '@holdfast/contracts';
import type { Client } from '@holdfast/client';
import { createOwnStack } from '../../harness/own-stack.ts';
import { configWith } from '../../harness/quick-config.ts';
import type { Stack } from '../../harness/stack.ts';
import { until } from '../../harness/until.ts';
import { startCluster, type Cluster } from './cluster.ts';

export const GRAD = 'modekeeper/knob.grad_accum_steps';
export const MICRO = 'modekeeper/knob.microbatch_size';
export const DRIFTED = { [GRAD]: '4', [MICRO]: '64' };
export const TUNED = { [GRAD]: '8', [MICRO]: '32' };
export const INTENT = { knobs: { grad_accum_steps: 8, microbatch_size: 32 } };
export const STEP_TIMEOUT_S = 20;
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

/** A stack whose mode keeper reaches a cluster of its own, as `admin` and, in a context of that name, as `reader`. */
export interface TuningStack {
  readonly cluster: Cluster;
  readonly stack: Stack;
  /** Has the kubeconfig, by that name. */
  readonly folder: string;
  readonly keeper: Client<typeof modeKeeperApi>;
  /** Proposes the tuning of a workload from DRIFTED to TUNED. */
  tune(workload: string, hold?: boolean): Promise<Change>;
  reaches(id: string, pass: (change: Change) => boolean): Promise<Change>;
  ended(id: string): Promise<Change>;
  stop(): Promise<void>;
}

/** Starts both; from then on every container of the cluster logs a steady step time. */
export const startTuningStack = async (): Promise<TuningStack> => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-tuning-'));
  const cluster = await startCluster({ nodes: 2 });
  const log = (): void => {
    const ts = new Date().toISOString();
    const sample = { ts, step_time_ms: 100, throughput: 640, loss: 1 };
    appendFileSync(cluster.pod_log, `${ts} stdout F ${JSON.stringify(sample)}\n`);
  };
  const logging = setInterval(log, LOG_EVERY_MS);
  const stack = await createOwnStack(
    {},
    { env: { HOLDFAST_CONFIG_DIR: configOf(cluster, folder) } },
  );
  const stop = async (): Promise<void> => {
    await stack.destroy();
    clearInterval(logging);
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const up = await stack.up();
  if (up.code !== 0) {
    await stop();
    throw new Error(up.stderr);
  }
  const { governance } = stack;
  return {
    cluster,
    stack,
    folder,
    keeper: stack.client(modeKeeperApi),
    tune: (workload, hold = false) =>
      governance.proposeChange({
        kind: 'workload.tune',
        target: { workload },
        intent: INTENT,
        hold,
      }),
    reaches: (id, pass) =>
      until(
        'the change',
        async () => {
          const now = await governance.getChange({ id });
          return pass(now) && now;
        },
        4 * STEP_TIMEOUT_S * 1000,
      ),
    ended: (id) =>
      until('the end of the change', async () => {
        const now = await governance.getChange({ id, until: 'end', wait_ms: 20_000 });
        return isTerminal(now.state) && now;
      }),
    stop,
  };
};
