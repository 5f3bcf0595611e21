import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient, createHttpTransport, type Client } from '@holdfast/client';
import {
  GATEWAY_PORT,
  gatewayApi,
  governanceApi,
  guardianApi,
  infrastructureApi,
  kernelPortsApi,
  logApi,
  networkHealerApi,
  busApi,
  type Api,
  type Assignment,
} from '@holdfast/contracts';
import { freeOffset } from './free-offset.ts';
import { runProgram, type Finished } from './run-program.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface StackOptions {
  readonly profile?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Keeps a home of an earlier stack. */
  readonly home?: string;
  readonly offset?: number;
  /** Where the built product is, when a test runs a copy of it. */
  readonly root?: string;
}

/** A real stack: real processes on free ports, everything it writes in one temporary home. */
export interface Stack {
  readonly home: string;
  readonly offset: number;
  readonly url: string;
  readonly env: NodeJS.ProcessEnv;
  readonly token: () => string;
  cli(...args: string[]): Promise<Finished>;
  up(): Promise<Finished>;
  down(): Promise<Finished>;
  client<A extends Api>(api: A, token?: string): Client<A>;
  readonly gateway: Client<typeof gatewayApi>;
  readonly governance: Client<typeof governanceApi>;
  readonly guardian: Client<typeof guardianApi>;
  readonly healer: Client<typeof networkHealerApi>;
  readonly kernelPorts: Client<typeof kernelPortsApi>;
  readonly infrastructure: Client<typeof infrastructureApi>;
  readonly log: Client<typeof logApi>;
  readonly bus: Client<typeof busApi>;
  /** Every supervised process that runs now, and the guardian. */
  processes(): Promise<Pick<Assignment, 'name' | 'pid'>[]>;
  /** Stops the stack and removes its home; keeps the logs when HOLDFAST_KEEP_LOGS names a folder. */
  destroy(): Promise<void>;
}

export const createStack = async (options: StackOptions = {}): Promise<Stack> => {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'holdfast-e2e-'));
  const offset = options.offset ?? (await freeOffset());
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    HOLDFAST_HOME: home,
    HOLDFAST_CLI_DIR: join(home, 'cli'),
    HOLDFAST_PORT_OFFSET: String(offset),
    NO_COLOR: '1',
    ...options.env,
  };
  for (const name of [
    'ADMIN_TOKEN',
    'HOLDFAST_KILL_SWITCH',
    'HOLDFAST_DATABASE_URL',
    'HOLDFAST_PROFILE',
    'HOLDFAST_TOKEN',
    'HOLDFAST_URL',
    'VITEST',
  ]) {
    if (options.env?.[name] === undefined) delete env[name];
  }
  const url = `http://127.0.0.1:${GATEWAY_PORT + offset}`;
  const token = (): string =>
    (JSON.parse(readFileSync(join(home, 'credentials.json'), 'utf8')) as { token: string }).token;
  const client = <A extends Api>(api: A, given?: string): Client<A> =>
    createClient(
      api,
      createHttpTransport({
        baseUrl: () => url,
        headers: () => ({ authorization: `Bearer ${given ?? token()}` }),
      }),
    );
  const cli = (...args: string[]): Promise<Finished> =>
    runProgram(join(options.root ?? ROOT, 'bin', 'holdfast'), args, { env });
  const gateway = client(gatewayApi);
  const guardian = client(guardianApi);
  return {
    home,
    offset,
    url,
    env,
    token,
    cli,
    up: () => cli('up', '--profile', options.profile ?? 'user', '--detach', '--json'),
    down: () => cli('down', '--json'),
    client,
    gateway,
    governance: client(governanceApi),
    guardian,
    healer: client(networkHealerApi),
    kernelPorts: client(kernelPortsApi),
    infrastructure: client(infrastructureApi),
    log: client(logApi),
    bus: client(busApi),
    async processes() {
      const status = await guardian.getGuardianStatus({});
      return [{ name: 'guardian', pid: status.pid }, ...status.kernels, ...status.processes].filter(
        (item) => item.pid !== null,
      );
    },
    async destroy() {
      // By this node, also where the environment of the stack has none any more.
      const holdfast = join(options.root ?? ROOT, 'bin', 'holdfast');
      await runProgram(process.execPath, [holdfast, 'down'], { env });
      const keep = process.env['HOLDFAST_KEEP_LOGS'];
      if (keep && existsSync(join(home, 'logs')))
        cpSync(join(home, 'logs'), join(keep, home.split('/').at(-1)!), { recursive: true });
      rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  };
};
