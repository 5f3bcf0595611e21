import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { GuardianQuestion, GuardianStatus, KernelId, Profile } from '@holdfast/contracts';
import { GATEWAY_PORT } from '@holdfast/contracts';
import { loadProfile } from '@holdfast/sdk/profile';
import type { Credentials } from './credentials.ts';
import type { GuardianLog } from './guardian-log.ts';
import { readManifest } from './manifest.ts';
import { takeHome } from './own-home.ts';
import type { ProcessName } from './process-specs.ts';
import { createProcessSpecs } from './process-specs.ts';
import type { Settings } from './settings.ts';
import { startStages } from './start-order.ts';
import { guardianStatus } from './status.ts';
import type { Supervisor } from './supervisor.ts';
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

/** Forks everything at once, so that programs load side by side, and tells them to start stage by stage: agent last. */
const startProcesses = (supervisor: Supervisor, names: readonly ProcessName[]): void => {
  supervisor.start('gateway');
  let gate: Promise<unknown> = Promise.resolve();
  const kernels = names.filter((name) => name !== 'gateway' && name !== 'agent');
  for (const stage of startStages(kernels)) {
    for (const id of stage) supervisor.start(id, gate);
    gate = Promise.all(stage.map((id) => supervisor.whenTried(id)));
  }
  if (names.includes('agent')) supervisor.start('agent', gate);
};

/** The door first, then the agent, then the kernels against the order in which they started. */
const stopStages = (names: readonly ProcessName[]): readonly (readonly ProcessName[])[] => {
  const kernels = names.filter((name) => name !== 'gateway' && name !== 'agent');
  const agent = names.filter((name) => name === 'agent');
  return [['gateway'], agent, ...startStages(kernels).toReversed()];
};

const atMost = (ms: number, promise: Promise<void>): Promise<void> =>
  Promise.race([promise, new Promise<void>((resolve) => setTimeout(resolve, ms).unref())]);

/**
 * Starts a stack: claims the home, binds every port, starts every process. Rejects with a HoldfastError that says why
 * nothing was started (already_running, profile_*, admin_token_weak, port_taken, config_invalid); what does not come up
 * later is in `status`.
 */
export const startGuardian = async (settings: Settings): Promise<Guardian> => {
  const startedAt = new Date();
  const { portOffset, distDir } = settings;
  const profile = await loadProfile(settings.profilesDir, settings.profile);
  const shipped = await readManifest(distDir);
  const kernels = shipped.filter((id) => profile.kernels[id]?.enabled === true);
  const gatewayHost = reachable(profile.security.bind_address);
  const url = `http://${gatewayHost}:${GATEWAY_PORT + portOffset}`;
  const home = await takeHome({ settings, profile, kernels, url });
  const { log, logs, runFiles, ports, credentials } = home;
  log.info('starting', { profile: profile.name, home: settings.home, kernels, url });

  const agentReason = agentAbsence(profile, kernels, distDir);
  const names: ProcessName[] = [...kernels, 'gateway'];
  if (agentReason === undefined) names.push('agent');
  let stopping = false;
  let settledNow = false;

  const supervisor = createSupervisor({
    log,
    record: (processes) => runFiles.record(processes),
    portsMessage: (down) => ({ type: 'ports', ports: ports.portMap(down) }),
  });
  const status = (): GuardianStatus =>
    guardianStatus({
      profile,
      startedAt,
      shipped,
      stopping,
      settled: settledNow,
      gatewayPort: ports.gatewayPort,
      gatewayHost,
      stateOf: supervisor.stateOf,
      portOf: (name) => ports.portMap()[name as KernelId],
      agentReason: agentReason ?? '',
    });
  const answer = (question: GuardianQuestion): unknown => {
    if (question === 'status') return status();
    setImmediate(() => stop('asked through the gateway'));
    return { stopping: true };
  };
  const specOf = createProcessSpecs({
    settings,
    profile,
    ports,
    logs,
    gatewayHost,
    secret: randomBytes(32).toString('base64url'),
    auth: credentials.auth,
    portMap: () => ports.portMap(supervisor.down()),
    answer,
    enroller: () => supervisor.whenHealthy(INFRASTRUCTURE),
  });
  for (const name of names) supervisor.add(specOf(name));

  const timers = [
    setInterval(() => void supervisor.checkAll(), profile.guardian.check_interval_s * 1_000),
    setInterval(() => logs.rotate([...names, 'guardian']), LOG_CHECK_MS),
  ];
  const stopOne = async (name: ProcessName): Promise<void> => {
    await supervisor.stop(name);
    if (name !== 'agent') ports.release(name);
  };
  const stopInOrder = async (): Promise<void> => {
    for (const stage of stopStages(names)) await Promise.all(stage.map(stopOne));
    for (const timer of timers) clearInterval(timer);
    await runFiles.release();
    log.info('stopped');
  };
  let finish = (_: Promise<void>): void => {};
  const stopped = new Promise<void>((resolve) => (finish = resolve));
  const stop = (why: string): void => {
    log.info(stopping ? 'stopping at once' : 'stopping', { why });
    if (stopping) supervisor.killAll();
    else finish(stopInOrder());
    stopping = true;
  };

  startProcesses(supervisor, names);
  const settled = atMost(profile.guardian.start_timeout_ms, supervisor.whenSettled()).then(() => {
    settledNow = true;
    const after_ms = Date.now() - startedAt.getTime();
    log.info('started', { state: status().state, after_ms });
  });
  return { url, credentials, log, status, settled, stop, stopped };
};
