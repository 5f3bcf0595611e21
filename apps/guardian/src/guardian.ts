import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type {
  GuardianNews,
  GuardianStatus,
  KernelId,
  ProcessName,
  Profile,
} from '@holdfast/contracts';
import { GATEWAY_PORT } from '@holdfast/contracts';
import { controlPathOf } from '@holdfast/sdk/process';
import { loadProfile } from '@holdfast/sdk/profile';
import { createAnswerer } from './answer-asked.ts';
import type { Credentials } from './credentials.ts';
import type { Custody } from './custody/custody.ts';
import type { GuardianLog } from './guardian-log.ts';
import { openHealing } from './open-healing.ts';
import { readManifest } from './manifest.ts';
import { takeHome } from './own-home.ts';
import { createProcessSpecs, createStarter } from './process-specs.ts';
import { createReload } from './reload.ts';
import type { Settings } from './settings.ts';
import { processNames, startProcesses, stopStages } from './stack-order.ts';
import { guardianStatus } from './status.ts';
import { createSpare } from './supervision/spare.ts';
import { openTakeover } from './supervision/takeover.ts';
import { createSupervisor } from './supervisor.ts';

export interface Guardian {
  readonly url: string;
  readonly credentials: Credentials;
  readonly log: GuardianLog;
  status(): GuardianStatus;
  /** Resolves when everything is healthy or was given up on, at the latest after the profile's start timeout. */
  readonly settled: Promise<void>;
  /** Stops everything in order; a second call while it does so ends what is left at once. */
  stop(why: string): void;
  /** Resolves when nothing is left: no process, no port, no run file. */
  readonly stopped: Promise<void>;
}

const LOG_CHECK_MS = 5_000;
const INFRASTRUCTURE = 'infrastructure_manager';
/** The answer to whoever asked for it goes out first. */
const SUCCEED_MS = 150;

/** The host by which callers on this machine reach an address that the gateway binds. */
const reachable = (bindAddress: string): string => {
  if (bindAddress === '0.0.0.0') return '127.0.0.1';
  if (bindAddress === '::') return '[::1]';
  return isIPv6(bindAddress) ? `[${bindAddress}]` : bindAddress;
};

/** Why there is no agent here; undefined when there is to be one. */
const agentAbsence = (
  profile: Profile,
  kernels: readonly KernelId[],
  distDir: string,
): string | undefined => {
  if (!profile.agent.local) return `agent.local is not true in profile ${profile.name}`;
  if (!existsSync(join(distDir, 'agent.js'))) return 'this build does not ship it';
  return kernels.includes(INFRASTRUCTURE)
    ? undefined
    : `it needs ${INFRASTRUCTURE}, which is not started`;
};

const atMost = (ms: number, promise: Promise<void>): Promise<void> =>
  Promise.race([promise, new Promise<void>((resolve) => setTimeout(resolve, ms).unref())]);

/**
 * Starts a stack, or takes over a running one whose guardian is gone: claims the home, takes every port, starts or adopts
 * every process. Rejects with a HoldfastError that says why nothing was started (already_running, profile_*,
 * admin_token_weak, port_taken, config_invalid); what does not come up later is in `status`.
 */
export const startGuardian = async (settings: Settings, custody: Custody): Promise<Guardian> => {
  const { portOffset, distDir } = settings;
  const startedAt = new Date();
  const profile = await loadProfile(settings.profilesDir, settings.profile);
  const shipped = await readManifest(distDir);
  const kernels = shipped.filter((id) => profile.kernels[id]?.enabled === true);
  const gatewayHost = reachable(profile.security.bind_address);
  const url = `http://${gatewayHost}:${GATEWAY_PORT + portOffset}`;
  const home = await takeHome({ settings, profile, kernels, url, custody });
  const { log, logs, runFiles, ports, credentials, toTakeOver } = home;
  const secret = custody.memory?.secret ?? randomBytes(32).toString('base64url');
  custody.remember({ secret, startedAt: custody.memory?.startedAt ?? startedAt.toISOString() });
  const takesOver = custody.held.length > 0;
  log.info(takesOver ? 'taking over' : 'starting', { profile: profile.name, kernels, url });
  custody.onReplaced((pid) => {
    log.warn('the keeper was killed; another one is in its place', { child: pid });
    void runFiles.recordKeeper(pid);
  });

  const agentReason = agentAbsence(profile, kernels, distDir);
  const names = processNames(kernels, profile.gateway.processes, agentReason === undefined);
  let stopping = false;
  let settledNow = false;

  const healing = await openHealing();
  const startFresh = createStarter(settings, logs);
  const spare = createSpare({
    enabled: profile.guardian.warm_spare && existsSync(join(distDir, 'spare.js')),
    start: () => startFresh('spare', join(distDir, 'spare.js')),
  });
  const supervisor = createSupervisor({
    log,
    restarts: healing.hooks,
    record: (processes) => runFiles.record([...processes, ...(takeover?.pending() ?? toTakeOver)]),
    portsMessage: (down) => ({ type: 'ports', ports: ports.portMap(down) }),
  });
  let takeover: Awaited<ReturnType<typeof openTakeover>> | undefined;
  const status = (): GuardianStatus =>
    guardianStatus({
      profile,
      startedAt,
      shipped,
      stopping,
      settled: settledNow,
      gatewayPort: ports.gatewayPort,
      gatewayHost,
      names,
      stateOf: supervisor.stateOf,
      portOf: (name) => ports.portOf(name),
      agentReason: agentReason ?? '',
    });
  const reload = createReload({
    supervisor,
    spare,
    names,
    resolve: (name) => names.find((one) => one === name),
    succeed: () => void setTimeout(() => void succeed(), SUCCEED_MS),
  });
  const controlPath = controlPathOf(settings.home);
  const specOf = createProcessSpecs({
    settings,
    profile,
    ports,
    logs,
    gatewayHost,
    secret,
    controlPath,
    auth: credentials.auth,
    spare,
    portMap: () => ports.portMap(supervisor.down()),
    restartsOf: (name) => supervisor.stateOf(name)?.restarts ?? 0,
    answer: createAnswerer(
      {
        ...healing.handlers,
        getGuardianStatus: () => Promise.resolve(status()),
        reload: ({ component }: { component: string }) => reload(component),
        stopStack: () => {
          setImmediate(() => stop('asked through the gateway'));
          return Promise.resolve({ stopping: true });
        },
      },
      log,
    ),
    enroller: () => supervisor.whenHealthy(INFRASTRUCTURE),
  });
  for (const name of names) supervisor.add(specOf(name));

  const timers = [
    setInterval(() => void supervisor.checkAll(), profile.guardian.check_interval_s * 1_000),
    setInterval(() => logs.rotate([...names, 'spare', 'guardian']), LOG_CHECK_MS),
  ];
  const stopOne = async (name: ProcessName): Promise<void> => {
    await supervisor.stop(name);
    if (name !== 'agent') ports.release(name);
  };
  const letGoOfEverything = async (): Promise<void> => {
    for (const timer of timers) clearInterval(timer);
    spare.close();
    takeover?.close();
    await healing.close();
  };
  /** Leaves without touching a process: the next guardian takes them over. */
  const succeed = async (): Promise<void> => {
    log.info('making room for another guardian');
    await letGoOfEverything();
    await custody.tell({ type: 'succeed' });
    process.exit(0);
  };
  const stopInOrder = async (): Promise<void> => {
    await custody.tell({ type: 'stopping' });
    for (const stage of stopStages(names)) await Promise.all(stage.map(stopOne));
    await letGoOfEverything();
    await runFiles.release();
    log.info('stopped');
    await custody.tell({ type: 'finished', code: Number(process.exitCode ?? 0) });
  };
  let finish = (_: Promise<void>): void => {};
  const stopped = new Promise<void>((resolve) => (finish = resolve));
  const stop = (why: string): void => {
    log.info(stopping ? 'stopping at once' : 'stopping', { why });
    if (stopping) supervisor.killAll();
    else finish(stopInOrder());
    stopping = true;
  };

  custody.onStop(stop);
  takeover = await openTakeover({
    controlPath,
    secret,
    supervisor,
    log,
    records: toTakeOver,
    names: takesOver ? names : [],
    stopTimeoutMs: profile.guardian.stop_timeout_ms,
  });
  if (!takesOver) startProcesses(supervisor, names);
  const settled = atMost(profile.guardian.start_timeout_ms, supervisor.whenSettled()).then(() => {
    settledNow = true;
    spare.refill();
    const after_ms = Date.now() - startedAt.getTime();
    log.info('started', { state: status().state, after_ms });
  });
  return { url, credentials, log, status, settled, stop, stopped };
};
