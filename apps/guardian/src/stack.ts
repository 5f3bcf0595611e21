import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { GuardianStatus, ProcessName } from '@holdfast/contracts';
import { controlPathOf } from '@holdfast/sdk/process';
import { createAnswerer } from './answer-asked.ts';
import { createConfigHandlers } from './config/config-handlers.ts';
import { createRollout, type Rollout } from './config/rollout.ts';
import { createSettingsNews } from './config/settings-news.ts';
import { createSettingsBook } from './config/settings-book.ts';
import type { Custody } from './custody/custody.ts';
import { createStackComponents } from './healing/stack-components.ts';
import { createStackPortsView } from './healing/stack-ports-view.ts';
import { openHealing, type StackHealing } from './healing/open-healing.ts';
import { openAwakeBook } from './home/awake-book.ts';
import type { OwnedHome } from './home/own-home.ts';
import { createProcessSpecs, createStarter } from './supervision/process-specs.ts';
import { createReload } from './supervision/reload.ts';
import type { ProcessRecord } from './home/run-files.ts';
import { INFRASTRUCTURE, readStackFacts, type StackFacts } from './start/stack-facts.ts';
import { readBuildId } from './start/build-id.ts';
import { guardianHealth } from './guardian-health.ts';
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
  /** Brings what runs to the settings in force. */
  readonly rollout: Rollout;
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
  /** Resolves when the stack has come up, or was taken over. */
  ready(): Promise<void>;
}

export const createStack = async (options: Options): Promise<Stack> => {
  const { facts, home, custody, secret, phase } = options;
  const { settings, profile, active, names, kernels } = facts;
  const { log, logs, ports, runFiles } = home;
  const book = createSettingsBook({
    profilesDir: settings.profilesDir,
    home: settings.home,
    active,
    profile,
  });

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
  const awake = await openAwakeBook(settings.home, log);
  const supervisor = createSupervisor({
    log,
    noted: awake.note,
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
  const checkSuccessor = async (): Promise<void> => {
    const next = await readStackFacts(settings, 'takeover');
    const before = profile.security.bind_address;
    if (next.profile.security.bind_address !== before)
      throw new Error(`security.bind_address is not ${before} any more: it takes down and up`);
  };
  const reload = createReload({
    supervisor,
    spare,
    names,
    resolve: (name) =>
      components.resolve(name) ?? names.find((one): one is ProcessName => one === name),
    succeed: options.succeed,
    checkSuccessor,
  });
  const news = createSettingsNews(healing.journal, book);
  news.catchUp();
  let reloading: Promise<unknown> = Promise.resolve();
  const rollout = createRollout({
    book,
    supervisor,
    names,
    own: book.settingsOf('guardian'),
    log,
    ready: options.ready,
    checkSuccessor,
    async succeed() {
      // Somebody waits for its answer.
      await reloading.catch(() => {});
      options.succeed();
      await new Promise(() => {});
    },
    settled(replaced) {
      const { revision, change } = book.active;
      log.info('settings are in force', { revision, change, replaced });
      news.inForce(replaced);
    },
    isTold: news.isInForceTold,
  });
  const portsView = createStackPortsView({
    kernels,
    supervisor,
    portOffset: settings.portOffset,
    status,
    paused: custody.memory?.paused ?? {},
    remember: (paused) => custody.remember({ secret, paused, running: facts.running }),
  });
  const handlers = healing.handlers({
    mttrTargetS: profile.guardian.mttr_target_s,
    ports: portsView,
    stack: {
      getGuardianStatus: () => Promise.resolve(status()),
      getGuardianHealth: () =>
        guardianHealth({ custody, spare, journal: healing.journal, takeover: phase.takeover }),
      reload({ component }) {
        const done = reload(component);
        reloading = done;
        return done;
      },
      ...createConfigHandlers({ book, rollout, news }),
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
    book,
    ports,
    logs,
    gatewayHost: facts.gatewayHost,
    secret,
    controlPath,
    auth: home.credentials.auth,
    spare,
    awake,
    portMap: () => ports.portMap(supervisor.down()),
    restartsOf: (name) => supervisor.stateOf(name)?.restarts ?? 0,
    answer: createAnswerer(handlers, log),
    enroller: () => supervisor.whenHealthy(INFRASTRUCTURE),
  });
  for (const name of names) supervisor.add(specOf(name));
  const { restorePauses } = portsView;
  return { supervisor, spare, healing, controlPath, rollout, status, restorePauses };
};
