import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
// @ts-expect-error a program's library without types
import { callApi } from '../lib/call-api.mjs';

const UP = join(import.meta.dirname, '..', 'up');

/** A first start builds the control plane: minutes on two cores. */
export const CLUSTER_LIMIT_MS = 40 * 60_000;

/** Why there is no API server for tests here; undefined where there is one. */
export const missingCluster = (): string | undefined =>
  spawnSync(process.execPath, [UP, '--missing'], { encoding: 'utf8' }).stdout.trim() || undefined;

/** `(SKIPPED: <why>)` for titles of tests that need the API server, or nothing. */
export const skipNote = (missing: string | undefined): string =>
  missing === undefined ? '' : ` (SKIPPED: ${missing})`;

export const hasKubectl = (): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'kubectl')));

export type ClusterUser = 'admin' | 'reader' | 'nobody';

/** What tests/k8s/up prints. */
export interface ClusterFacts {
  readonly pid: number;
  /** Holds everything the cluster writes; gone after `stop`. */
  readonly folder: string;
  readonly server: string;
  readonly versions: Readonly<Record<'kubernetes' | 'etcd' | 'kwok' | 'go', string>>;
  /** `reader` only reads; `nobody` has the rights that a test gives it. */
  readonly kubeconfigs: Readonly<Record<ClusterUser, string>>;
  /** Lines added here, in the format of container runtimes, are the log of every container. */
  readonly pod_log: string;
  readonly nodes: readonly string[];
  readonly pids: Readonly<Record<string, number>>;
  readonly build_s: number;
  readonly start_s: number;
}

export interface ApiAnswer<T> {
  readonly status: number;
  readonly body: T;
}

export interface Cluster extends ClusterFacts {
  /** A call of the real API server. */
  call<T = Record<string, unknown>>(
    user: ClusterUser,
    method: string,
    path: string,
    body?: unknown,
    contentType?: string,
  ): Promise<ApiAnswer<T>>;
  stop(): Promise<void>;
}

/** Starts a cluster of its own, building it where that was not done yet. Rejects with the reason. */
export const startCluster = async (options: { readonly nodes?: number } = {}): Promise<Cluster> => {
  const child = spawn(
    process.execPath,
    [UP, '--until-stdin-closes', '--nodes', String(options.nodes ?? 2)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const closed = once(child, 'close');
  let printed = '';
  const facts = await new Promise<ClusterFacts>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (printed.includes('\n')) resolve(JSON.parse(printed) as ClusterFacts);
    });
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`tests/k8s/up ended with ${code}`)));
  });
  return {
    ...facts,
    call: (user, method, path, body, contentType) =>
      callApi(facts.kubeconfigs[user], method, path, body, contentType),
    async stop() {
      child.kill('SIGTERM');
      await closed;
    },
  };
};
