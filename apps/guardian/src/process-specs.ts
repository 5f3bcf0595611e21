import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type {
  GuardianQuestion,
  KernelId,
  PortMap,
  ProcessInit,
  Profile,
  TokenRecord,
} from '@holdfast/contracts';
import { isKernelId, kernelRow } from '@holdfast/contracts';
import { childEnv } from './child-env.ts';
import { startChild } from './child-process.ts';
import { requestEnrolmentToken } from './enrolment.ts';
import { probeHealth } from './health-probe.ts';
import type { LogFiles } from './log-files.ts';
import type { PortBook } from './port-book.ts';
import type { Settings } from './settings.ts';
import type { ProcessSpec } from './supervised-process.ts';

export type ProcessName = KernelId | 'gateway' | 'agent';

interface Options {
  readonly settings: Settings;
  readonly profile: Profile;
  readonly ports: PortBook;
  readonly logs: LogFiles;
  readonly gatewayHost: string;
  readonly secret: string;
  readonly auth: Promise<TokenRecord[]>;
  portMap(): PortMap;
  answer(question: GuardianQuestion): unknown;
  /** Resolves when the kernel that enrols agents is healthy. */
  enroller(): Promise<void>;
}

const INFRASTRUCTURE = 'infrastructure_manager';

/** What to start for each process of the stack, what to tell it, and how to ask how it is. */
export const createProcessSpecs = (options: Options): ((name: ProcessName) => ProcessSpec) => {
  const { settings, profile, ports, secret } = options;

  const enrolment = async (): Promise<Partial<ProcessInit>> => {
    if (existsSync(join(settings.home, 'agent', 'identity.json'))) return {};
    await options.enroller();
    const { port } = ports.handleOf(INFRASTRUCTURE);
    return { enrolmentToken: await requestEnrolmentToken({ port, secret }) };
  };

  const extras = async (name: ProcessName): Promise<Partial<ProcessInit>> => {
    if (name === 'gateway') return { auth: await options.auth };
    if (name === 'agent') return enrolment();
    return { databaseUrl: settings.databaseUrl };
  };

  const probe = (name: KernelId | 'gateway'): ProcessSpec['probe'] => {
    const { port } = ports.handleOf(name);
    return isKernelId(name)
      ? () => probeHealth({ host: '127.0.0.1', port, kernel: kernelRow(name).name })
      : () => probeHealth({ host: options.gatewayHost.replace(/^\[|\]$/g, ''), port });
  };

  return (name) => ({
    name,
    timings: profile.guardian,
    start: () =>
      startChild({
        name,
        entry: join(settings.distDir, isKernelId(name) ? 'kernels' : '', `${name}.js`),
        env: childEnv(name, process.env, join(settings.home, 'cache', 'node')),
        logs: options.logs,
      }),
    init: async () => ({
      message: {
        type: 'init',
        name,
        profile,
        home: settings.home,
        secret,
        ports: options.portMap(),
        gatewayPort: ports.gatewayPort,
        killSwitch: settings.killSwitch,
        ...(await extras(name)),
      },
      handle: name === 'agent' ? undefined : ports.handleOf(name),
    }),
    needs: name === 'agent' ? INFRASTRUCTURE : undefined,
    probe: name === 'agent' ? undefined : probe(name),
    answer: name === 'gateway' ? options.answer : undefined,
  });
};
