import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type {
  FromChild,
  KernelId,
  PortMap,
  ProcessInit,
  ProcessName,
  Profile,
  ToChild,
  TokenRecord,
} from '@holdfast/contracts';
import { isKernelId, kernelRow } from '@holdfast/contracts';
import { childEnv } from './child-env.ts';
import { startChild, type Child } from './child-process.ts';
import { requestEnrolmentToken } from '../home/enrolment.ts';
import { probeHealth } from './health-probe.ts';
import type { AwakeBook } from '../home/awake-book.ts';
import type { LogFiles } from '../logs/log-files.ts';
import type { PortBook } from '../custody/port-book.ts';
import type { SettingsBook } from '../config/settings-book.ts';
import type { Settings } from '../start/settings.ts';
import type { ProcessSpec } from './supervised-process.ts';
import { createDoorman } from './doorman.ts';
import type { Spare } from './spare.ts';

interface Options {
  readonly settings: Settings;
  /** As the guardian started with it; what its processes are told is in the book. */
  readonly profile: Profile;
  readonly book: SettingsBook;
  readonly ports: PortBook;
  readonly logs: LogFiles;
  readonly gatewayHost: string;
  readonly secret: string;
  readonly controlPath: string;
  readonly auth: Promise<TokenRecord[]>;
  readonly spare: Spare;
  readonly awake: AwakeBook;
  portMap(): PortMap;
  restartsOf(name: ProcessName): number;
  answer(asker: ProcessName): (question: Extract<FromChild, { type: 'ask' }>) => Promise<ToChild>;
  /** Resolves when the kernel that enrols agents is healthy. */
  enroller(): Promise<void>;
}

const INFRASTRUCTURE = 'infrastructure_manager';

export const isGateway = (name: ProcessName): boolean => name.startsWith('gateway');

/** Starts a program of the build, or the spare process, with an environment of its own. */
export const createStarter =
  (settings: Settings, logs: LogFiles) =>
  (name: ProcessName | 'spare', entry: string): Child =>
    startChild({
      name,
      entry,
      env: childEnv(name, process.env, join(settings.home, 'cache', 'node'), settings.passEnv),
      logs,
    });

/** What to start for each process of the stack, what to tell it, and how to ask how it is. */
export const createProcessSpecs = (options: Options): ((name: ProcessName) => ProcessSpec) => {
  const { settings, profile, ports, secret, logs } = options;
  const startFresh = createStarter(settings, logs);

  const entryOf = (name: ProcessName): string =>
    isKernelId(name)
      ? join(settings.distDir, 'kernels', `${name}.js`)
      : join(settings.distDir, isGateway(name) ? 'gateway.js' : `${name}.js`);

  /** The agent runs pip and npm and has their settings; the spare process has not. */
  const start = (name: ProcessName, warm: boolean): Child => {
    const entry = entryOf(name);
    const spare =
      warm && name !== 'agent' ? options.spare.take(entry, logs.pathOf(name)) : undefined;
    return spare ?? startFresh(name, entry);
  };

  const enrolment = async (): Promise<Partial<ProcessInit>> => {
    if (existsSync(join(settings.home, 'agent', 'identity.json'))) return {};
    await options.enroller();
    const { port } = ports.handleOf(INFRASTRUCTURE);
    return { enrolmentToken: await requestEnrolmentToken({ port, secret }) };
  };

  const extras = async (name: ProcessName): Promise<Partial<ProcessInit>> => {
    if (isGateway(name)) return { auth: await options.auth };
    if (name === 'agent') return enrolment();
    return { databaseUrl: settings.databaseUrl };
  };

  const probe = (name: ProcessName): ProcessSpec['probe'] => {
    if (name === 'agent') return undefined;
    const kernel = isKernelId(name) ? kernelRow(name).name : undefined;
    const host = kernel === undefined ? options.gatewayHost.replace(/^\[|\]$/g, '') : '127.0.0.1';
    return () => probeHealth({ host, port: ports.portOf(name) ?? 0, kernel });
  };

  const onDemand = (name: ProcessName): ProcessSpec['onDemand'] => {
    const settingsOf = isKernelId(name) ? profile.kernels[name] : undefined;
    if (settingsOf?.activation !== 'on-demand' || kernelRow(name as KernelId).tier === 'core')
      return undefined;
    return {
      idleMs: settingsOf.idle_s * 1_000,
      doorman: createDoorman(() => ports.copyOf(name as KernelId)),
    };
  };

  return (name) => ({
    name,
    timings: profile.guardian,
    start: (warm) => start(name, warm),
    init: async () => ({
      message: {
        type: 'init',
        name,
        profile: options.book.profile,
        settings: options.book.settingsOf(name),
        home: settings.home,
        secret,
        ports: options.portMap(),
        gatewayPort: ports.gatewayPort,
        killSwitch: settings.killSwitch,
        restarts: options.restartsOf(name),
        controlPath: options.controlPath,
        ...(await extras(name)),
      },
      handle: name === 'agent' ? undefined : ports.handleOf(name),
    }),
    needs: name === 'agent' ? INFRASTRUCTURE : undefined,
    probe: probe(name),
    answer: name === 'agent' ? undefined : options.answer(name),
    overlaps: isGateway(name),
    port: () => ports.portOf(name),
    onDemand: onDemand(name),
    wasAwake: options.awake.wasAwake(name),
  });
};
