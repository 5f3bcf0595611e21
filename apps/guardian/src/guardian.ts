import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { GuardianQuestion, GuardianStatus, KernelId, Profile } from '@holdfast/contracts';
import { GATEWAY_PORT } from '@holdfast/contracts';
import type { Credentials } from './credentials.ts';
import { settleCredentials } from './credentials.ts';
import type { GuardianLog } from './guardian-log.ts';
import { createGuardianLog } from './guardian-log.ts';
import { clearLeftovers } from './leftovers.ts';
import { createLogFiles } from './log-files.ts';
import { readManifest } from './manifest.ts';
import type { PortBook } from './port-book.ts';
import { openPortBook } from './port-book.ts';
import { makePrivateDirectory } from './private-file.ts';
import { createProcessSpecs } from './process-specs.ts';
import { claimRunFiles } from './run-files.ts';
import { loadProfile } from './sdk.ts';
import type { Settings } from './settings.ts';
import { startStages } from './start-order.ts';
import { guardianStatus } from './status.ts';
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

const reachable = (bindAddress: string): string => {
  if (bindAddress === '0.0.0.0') return '127.0.0.1';
  if (bindAddress === '::') return '[::1]';
  return isIPv6(bindAddress) ? `[${bindAddress}]` : bindAddress;
};

const enabledKernels = (profile: Profile, shipped: readonly KernelId[]): KernelId[] =>
  shipped.filter((id) => profile.kernels[id]?.enabled === true);

/**
 * Starts a stack: claims the home, binds every port, starts every process. Rejects with a HoldfastError that says why
 * nothing was started (already_running, profile_*, admin_token_weak, port_taken, config_invalid); what does not come up
 * later is in `status`.
 */
export const startGuardian = async (settings: Settings): Promise<Guardian> => {
  const startedAt = new Date();
  const { home, portOffset, distDir } = settings;
  const profile = await loadProfile(settings.profilesDir, settings.profile);
  const shipped = await readManifest(distDir);
  const kernels = enabledKernels(profile, shipped);
  const gatewayHost = reachable(profile.security.bind_address);
  const url = `http://${gatewayHost}:${GATEWAY_PORT + portOffset}`;

  await makePrivateDirectory(home);
  await Promise.all(['logs', 'cache'].map((name) => makePrivateDirectory(join(home, name))));
  const logs = createLogFiles(join(home, 'logs'));
  const log = createGuardianLog(logs.pathOf('guardian'));
  const runFiles = await claimRunFiles(home, { url, profile: profile.name });
  let ports: PortBook;
  let credentials: Credentials;
  try {
    await clearLeftovers(runFiles.leftovers, profile.guardian.stop_timeout_ms, log);
    ports = await openPortBook({
      kernels,
      portOffset,
      gatewayAddress: profile.security.bind_address,
    });
    try {
      credentials = await settleCredentials({ home, url, adminToken: settings.adminToken });
    } catch (error) {
      ports.releaseAll();
      throw error;
    }
  } catch (error) {
    await runFiles.release();
    throw error;
  }
  log.info('starting', { profile: profile.name, home, kernels, url });

  let stopping = false;
  let settledNow = false;
  const hasAgentBundle = existsSync(join(distDir, 'agent.js'));
  const hasAgent =
    profile.agent.local && hasAgentBundle && kernels.includes('infrastructure_manager');
  const supervisor = createSupervisor({
    log,
    record: (processes) => runFiles.record(processes),
    portsMessage: (down) => ({ type: 'ports', ports: ports.portMap(down) }),
  });
  const downNow = (): Set<string> =>
    new Set(kernels.filter((id) => supervisor.stateOf(id)?.status === 'failed'));

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
      agentReason: !profile.agent.local
        ? `agent.local is not true in profile ${profile.name}`
        : hasAgentBundle
          ? 'it needs infrastructure_manager, which is not started'
          : 'this build does not ship it',
    });

  const names = [...kernels, 'gateway' as const, ...(hasAgent ? (['agent'] as const) : [])];
  const answer = (question: GuardianQuestion): unknown => {
    if (question === 'status') return status();
    setImmediate(() => stop('asked through the gateway'));
    return { stopping: true };
  };
  const specs = createProcessSpecs({
    settings,
    profile,
    ports,
    logs,
    gatewayHost,
    secret: randomBytes(32).toString('base64url'),
    auth: credentials.auth,
    portMap: () => ports.portMap(downNow()),
    answer,
  });
  for (const name of names) supervisor.add(specs(name));

  const timers = [
    setInterval(() => void supervisor.checkAll(), profile.guardian.check_interval_s * 1_000),
    setInterval(() => logs.rotate([...names, 'guardian']), LOG_CHECK_MS),
  ];

  const stopInOrder = async (): Promise<void> => {
    const stopOne = async (name: (typeof names)[number]): Promise<void> => {
      await supervisor.stop(name);
      if (name !== 'agent') ports.release(name);
    };
    await stopOne('gateway');
    if (hasAgent) await stopOne('agent');
    for (const stage of [...startStages(kernels)].reverse()) await Promise.all(stage.map(stopOne));
    for (const timer of timers) clearInterval(timer);
    await runFiles.release();
    log.info('stopped');
  };
  let finished = (): void => {};
  const stopped = new Promise<void>((resolve) => (finished = resolve));
  const stop = (why: string): void => {
    log.info(stopping ? 'stopping at once' : 'stopping', { why });
    if (stopping) {
      supervisor.killAll();
      return;
    }
    stopping = true;
    void stopInOrder().then(finished);
  };

  supervisor.start('gateway');
  let gate: Promise<unknown> = Promise.resolve();
  for (const stage of startStages(kernels)) {
    for (const id of stage) supervisor.start(id, gate);
    gate = Promise.all(stage.map((id) => supervisor.whenTried(id)));
  }
  if (hasAgent) supervisor.start('agent', supervisor.whenHealthy('infrastructure_manager'));

  const limit = new Promise((resolve) =>
    setTimeout(resolve, profile.guardian.start_timeout_ms).unref(),
  );
  const settled = Promise.race([supervisor.whenSettled(), limit]).then(() => {
    settledNow = true;
    log.info('started', { state: status().state, after_ms: Date.now() - startedAt.getTime() });
  });
  return { url, credentials, log, status, settled, stop, stopped };
};
