import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type {
  Assignment,
  GuardianNews,
  GuardianStatus,
  KernelId,
  Profile,
} from '@holdfast/contracts';
import { build } from 'esbuild';
import { claimOffset } from './claim-offset.ts';
import type { ProcessIdentity } from '@holdfast/sdk/process';
import { identifyProcess, isSameProcess } from '@holdfast/sdk/process';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Bundles the guardian and its keeper as the product does, into a folder that the caller removes. */
export const bundleGuardian = async (outdir: string): Promise<void> => {
  await build({
    entryPoints: { guardian: here('../main.ts'), keeper: here('../keeper/main.ts') },
    outdir,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
};

const KERNELS: readonly KernelId[] = ['message_bus', 'immutable_log', 'infrastructure_manager'];

export interface TraceLine {
  readonly name: string;
  readonly pid: number;
  readonly what: string;
  readonly env: Readonly<Record<string, string>>;
  readonly argv: readonly string[];
  readonly init: Readonly<Record<string, unknown>>;
}

export interface RunningGuardian {
  readonly process: ChildProcess;
  readonly pid: number;
  /** The first news, `started` or `refused`. */
  readonly news: Promise<GuardianNews>;
  readonly exit: Promise<{ code: number | null; signal: string | null }>;
  /** It has ended; what it started may still write to its output. */
  readonly gone: Promise<unknown>;
  output(): string;
}

/** A home, a build and free ports of their own, with fixture children in the place of kernels. */
export interface GuardianWorld {
  readonly home: string;
  readonly offset: number;
  port(kernel: number): number;
  mode(name: string, mode: string): Promise<void>;
  /** Adds a kernel to the build. */
  ship(name: KernelId): Promise<void>;
  /** Overrides numbers of the profile for the starts that follow. */
  timings(guardian: Partial<Profile['guardian']>): Promise<void>;
  start(env?: Record<string, string>): RunningGuardian;
  status(): Promise<GuardianStatus>;
  rowOf(name: string): Promise<Assignment>;
  /** Resolves with the row when it satisfies, however long that takes; the test's time limit bounds it. */
  rowWhen(name: string, holds: (row: Assignment) => boolean): Promise<Assignment>;
  /** The same, from a moment at which the gateway may not answer yet. */
  rowWhenUp(name: string): Promise<Assignment>;
  trace(): Promise<TraceLine[]>;
  /** The guardian on record, living or not. */
  guardian(): Promise<ProcessIdentity>;
  remember(pid: number): Promise<ProcessIdentity>;
  dispose(): Promise<void>;
}

const PROFILE = `
name: base
description: short times for tests
kernels:
  message_bus: { enabled: true }
  immutable_log: { enabled: true }
  infrastructure_manager: { enabled: true }
  governance: { enabled: true }
  workflow_engine: { enabled: false }
gateway: { processes: 1 }
agent: { local: true }
features: { seal: false, chatops: basic }
limits: { rate_limit_rps: 1, max_hosts: 1, max_open_changes: 1, max_parallel_steps: 1, max_changes_per_hour: 1, max_ai_changes_per_hour: 1, log_retention_days: 1 }
guardian:
  check_interval_s: 1.5
  liveness_interval_ms: 100
  failure_threshold: 3
  start_timeout_ms: 20000
  stop_timeout_ms: 2500
  restart_attempts: 3
  restart_cooldown_s: 2
  mttr_target_s: 120
  warm_spare: false
infrastructure: { scan_interval_s: 1, heartbeat_interval_s: 1, health_interval_s: 1, offline_after_s: 1, step_timeout_s: 1 }
gate:
  classes:
    standard: { approval_from_risk: high, approvals: 1, quorum: none, min_voters: 0, delay_s: 0 }
    security: { approval_from_risk: high, approvals: 1, quorum: none, min_voters: 0, delay_s: 0 }
    covenant: { approval_from_risk: high, approvals: 1, quorum: none, min_voters: 0, delay_s: 0 }
  change_ttl_s: 1
  baseline_s: 0
  watch_s: 0
  cooldown_s: 0
  freeze_windows: []
config: { allow: [limits.*, logging.level], security_keys: [gate.*], security: false, ttl_s: 1 }
identity: { session_ttl_s: 1, confirm_keys: false, oidc: null }
mode_keeper: { kubeconfig: null, kubectl: null, interval_s: 1, window_s: 1, step_timeout_s: 1 }
librarian: { roots: [], max_file_bytes: 1, max_files: 1 }
security: { bind_address: 127.0.0.1, local_heal: false }
logging: { level: info }
`;

/** An answer of a port of this machine as text; rejects when it refuses. */
export const fetchText = (port: number, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text)).on('error', reject);
    }).on('error', reject);
  });

const launch = (entry: string, env: Record<string, string>): RunningGuardian => {
  const child = fork(entry, [], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] });
  let output = '';
  const streams = [child.stdout, child.stderr].map(async (stream) => {
    for await (const chunk of stream ?? []) output += String(chunk);
  });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  // Not `close`: it does not come once the channel was disconnected from this side.
  const exit = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once(
      'exit',
      (code, signal) => void Promise.all(streams).then(() => resolve({ code, signal })),
    ),
  );
  const news = new Promise<GuardianNews>((resolve, reject) => {
    child.once('message', (message) => resolve(message as GuardianNews));
    void exit.then(() => reject(new Error(`ended without news: ${output}`)));
  });
  news.catch(() => {});
  return { process: child, pid: child.pid ?? 0, news, exit, gone, output: () => output };
};

export const createGuardianWorld = async (bundles: string): Promise<GuardianWorld> => {
  const root = await mkdtemp(join(tmpdir(), 'holdfast-guardian-'));
  const home = join(root, 'home');
  const dist = join(root, 'dist');
  const place = await claimOffset([8000, 8100, 8101, 8102, 8110, 8122]);
  const { offset } = place;
  const started: RunningGuardian[] = [];
  const remembered: ProcessIdentity[] = [];
  const fixture = here('./fixture-child.mjs');
  await mkdir(join(dist, 'kernels'), { recursive: true });
  await mkdir(join(root, 'config', 'profiles'), { recursive: true });
  await writeFile(join(dist, 'package.json'), '{"type":"module"}');
  for (const name of ['guardian.js', 'keeper.js'])
    await copyFile(join(bundles, name), join(dist, name));
  const shipped: KernelId[] = [...KERNELS, 'workflow_engine'];
  const writeManifest = (): Promise<void> =>
    writeFile(join(dist, 'kernels', 'manifest.json'), JSON.stringify(shipped));
  await writeManifest();
  const entryOf = (name: string): string =>
    join(dist, ['gateway', 'agent'].includes(name) ? '' : 'kernels', `${name}.js`);
  for (const name of [...shipped, 'gateway', 'agent']) await copyFile(fixture, entryOf(name));
  await writeFile(join(root, 'config', 'profiles', 'kernel.base.yaml'), PROFILE);
  const timings = (guardian: Partial<Profile['guardian']>): Promise<void> =>
    writeFile(
      join(root, 'config', 'profiles', 'kernel.user.yaml'),
      `name: user\ninherits: base\nguardian: ${JSON.stringify(guardian)}\n`,
    );
  await timings({});
  await writeFile(
    join(root, 'config', 'profiles', 'kernel.pro.yaml'),
    'name: pro\ninherits: user\nlimits: { max_hosts: 7 }\nconfig: { allow: [limits.max_hosts] }\n',
  );

  const status = async (): Promise<GuardianStatus> =>
    JSON.parse(await fetchText(8000 + offset, '/ask/getGuardianStatus')) as GuardianStatus;
  const rowOf = async (name: string): Promise<Assignment> => {
    const { kernels, processes } = await status();
    return [...kernels, ...processes].find((row) => row.name === name)!;
  };
  const remember = async (pid: number): Promise<ProcessIdentity> => {
    const identity = await identifyProcess(pid);
    if (identity === undefined) throw new Error(`no process ${pid}`);
    remembered.push(identity);
    return identity;
  };
  const trace = async (): Promise<TraceLine[]> => {
    const text = await readFile(join(home, 'trace.jsonl'), 'utf8').catch(() => '');
    return text.split('\n').flatMap((line) => (line === '' ? [] : (JSON.parse(line) as TraceLine)));
  };
  const kill = async (identity: ProcessIdentity): Promise<void> => {
    if (await isSameProcess(identity)) process.kill(identity.pid, 'SIGKILL');
  };
  return {
    home,
    offset,
    port: (kernel) => kernel + offset,
    mode: (name, mode) => writeFile(`${entryOf(name)}.mode`, mode),
    async ship(name) {
      await copyFile(fixture, entryOf(name));
      shipped.push(name);
      await writeManifest();
    },
    timings,
    start(env = {}) {
      const running = launch(join(dist, 'keeper.js'), {
        PATH: process.env['PATH'] ?? '',
        HOLDFAST_HOME: home,
        HOLDFAST_PORT_OFFSET: String(offset),
        ...env,
      });
      started.push(running);
      return running;
    },
    status,
    rowOf,
    async rowWhen(name, holds) {
      for (;;) {
        const row = await rowOf(name);
        if (holds(row)) return row;
        await delay(20);
      }
    },
    async rowWhenUp(name) {
      for (;;) {
        const row = await rowOf(name).catch(() => undefined);
        if (row !== undefined) return row;
        await delay(20);
      }
    },
    trace,
    guardian: async () =>
      JSON.parse(await readFile(join(home, 'run', 'guardian.json'), 'utf8')) as ProcessIdentity,
    remember,
    async dispose() {
      for (const one of started) {
        one.process.kill('SIGCONT');
        one.process.kill('SIGTERM');
      }
      await Promise.all(started.map((one) => one.gone));
      // A guardian whose keeper a test has killed, and the keeper that took its place.
      for (const name of ['keeper.json', 'guardian.json']) {
        const text = await readFile(join(home, 'run', name), 'utf8').catch(() => undefined);
        if (text !== undefined) await kill(JSON.parse(text) as ProcessIdentity);
      }
      for (const line of await trace()) {
        const identity = await identifyProcess(line.pid);
        const command = await readFile(`/proc/${line.pid}/cmdline`, 'utf8').catch(() => '');
        if (identity !== undefined && command.includes(dist)) await kill(identity);
      }
      for (const identity of remembered) await kill(identity);
      await rm(root, { recursive: true, force: true });
      await place.release();
    },
  };
};
