import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { GuardianStatus, ProcessName } from '@holdfast/contracts';
import { controlPathOf } from '@holdfast/sdk/process';
import { createAnswerer } from './answer-asked.ts';
import type { Custody } from './custody/custody.ts';
import { createStackComponents } from './healing/stack-components.ts';
import { createStackPortsView } from './healing/stack-ports-view.ts';
import { openHealing, type StackHealing } from './healing/open-healing.ts';
import type { OwnedHome } from './home/own-home.ts';
import { createProcessSpecs, createStarter } from './supervision/process-specs.ts';
import { createReload } from './supervision/reload.ts';
import type { ProcessRecord } from './home/run-files.ts';
import { INFRASTRUCTURE, readStackFacts, type StackFacts } from './start/stack-facts.ts';
import { readBuildId } from './start/build-id.ts';
import { guardianStatus } from './status.ts';
import { createSpare, type Spare } from './supervision/spare.ts';
import type { Takeover } from './supervision/takeover.ts';
import { createSupervisor, type Supervisor } from './supervision/supervisor.ts';

/** The parts of a stack, put together and not started. */
export interface Stack {
  readonly supervisor: Supervisor;
  readonly spare: Spare;
  readonly healing: StackHealing;
  readonly controlPath: string;
  status(): GuardianStatus;
  /** Automatic restarts that somebody held stay held over the guardians. */
  restorePauses(): void;
}

/** How far the life of the stack has come; changed by the guardian. */
export interface StackPhase {
  readonly startedAt: Date;
  settled: boolean;
  stopping: boolean;
  /** Another guardian is about to take over. */
  succeeding: boolean;
  takeover?: Takeover;
}

interface Options {
  readonly facts: StackFacts;
  readonly home: OwnedHome;
  readonly custody: Custody;
  readonly secret: string;
  readonly phase: StackPhase;
  stop(why: string): void;
  /** Another guardian is to take the place of this one. */
  succeed(): void;
}

export const createStack = async (options: Options): Promise<Stack> => {
  const { facts, home, custody, secret, phase } = options;
  const { settings, profile, names, kernels } = facts;
  const { log, logs, ports, runFiles } = home;

  /** On record without being supervised: to be taken over, or to be ended by the healer. */
  const others = (): readonly ProcessRecord[] => [
    ...(phase.takeover?.pending() ?? home.toTakeOver),
    ...home.squatters,
  ];
  const startFresh = createStarter(settings, logs);
  const spareEntry = join(settings.distDir, 'spare.js');
  const spare = createSpare({
    enabled: profile.guardian.warm_spare && existsSync(spareEntry),
    start: () => startFresh('spare', spareEntry),
    buildId: () => readBuildId(settings.distDir),
  });
  const supervisor = createSupervisor({
    log,
    restarts: {
      down: (name, cause) => healing.watch.down(name, cause),
      attempt: (name, attempt) => healing.watch.attempt(name, attempt),
      recovered: (name, pid) => healing.watch.recovered(name, pid),
      limitReached: (name, why) => healing.watch.limitReached(name, why),
    },
    record: (processes) => runFiles.record([...processes, ...others()]),
    portsMessage: (down) => ({ type: 'ports', ports: ports.portMap(down) }),
  });
  const components = createStackComponents({
    kernels,
    supervisor,
    ports,
    graceMs: profile.guardian.stop_timeout_ms,
    log,
    records: () => [...supervisor.records(), ...others()],
  });
  const healing = await openHealing({
    home: settings.home,
    portOffset: settings.portOffset,
    secret,
    log,
    components,
    busPort: () => ports.portMap(supervisor.down()).message_bus,
  });
  const status = (): GuardianStatus =>
    guardianStatus({
      ...facts,
      startedAt: phase.startedAt,
      stopping: phase.stopping,
      settled: phase.settled,
      gatewayPort: ports.gatewayPort,
      stateOf: supervisor.stateOf,
      portOf: (name) => ports.portOf(name),
      agentReason: facts.agentReason ?? '',
    });
  const reload = createReload({
    supervisor,
    spare,
    names,
    resolve: (name) =>
      components.resolve(name) ?? names.find((one): one is ProcessName => one === name),
    succeed: options.succeed,
    async checkSuccessor() {
      const next = await readStackFacts(settings);
      const before = profile.security.bind_address;
      if (next.profile.security.bind_address !== before)
        throw new Error(`security.bind_address is not ${before} any more: it takes down and up`);
    },
  });
  const portsView = createStackPortsView({
    kernels,
    supervisor,
    portOffset: settings.portOffset,
    status,
    paused: custody.memory?.paused ?? {},
    remember: (paused) => custody.remember({ secret, paused }),
  });
  const handlers = healing.handlers({
    mttrTargetS: profile.guardian.mttr_target_s,
    ports: portsView,
    stack: {
      getGuardianStatus: () => Promise.resolve(status()),
      getGuardianHealth: () => {
        const journal = healing.journal.health();
        return Promise.resolve({
          status: journal.ok ? ('ok' as const) : ('degraded' as const),
          pid: process.pid,
          keeper_pid: custody.keeperPid,
          spare_pid: spare.pid ?? null,
          adopted: phase.takeover?.adopted ?? 0,
          uptime_s: (Date.now() - phase.startedAt.getTime()) / 1_000,
          journal,
        });
      },
      reload: ({ component }) => reload(component),
      stopStack: () => {
        setImmediate(() => options.stop('asked through the gateway'));
        return Promise.resolve({ stopping: true });
      },
    },
  });
  const controlPath = controlPathOf(settings.home);
  const specOf = createProcessSpecs({
    settings,
    profile,
    ports,
    logs,
    gatewayHost: facts.gatewayHost,
    secret,
    controlPath,
    auth: home.credentials.auth,
    spare,
    portMap: () => ports.portMap(supervisor.down()),
    restartsOf: (name) => supervisor.stateOf(name)?.restarts ?? 0,
    answer: createAnswerer(handlers, log),
    enroller: () => supervisor.whenHealthy(INFRASTRUCTURE),
  });
  for (const name of names) supervisor.add(specOf(name));
  const { restorePauses } = portsView;
  return { supervisor, spare, healing, controlPath, status, restorePauses };
};
