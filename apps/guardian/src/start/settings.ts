import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { GATEWAY_PORT, HoldfastError, KERNEL_TABLE } from '@holdfast/contracts';

/** What the environment tells the guardian. Paths are absolute. */
export interface Settings {
  readonly home: string;
  /** Added to every port, so that several stacks can run side by side. */
  readonly portOffset: number;
  readonly databaseUrl?: string;
  readonly killSwitch: boolean;
  /** Unset and empty differ: an empty token is refused. */
  readonly adminToken?: string;
  /** Asked for by name at this start; undefined: the one that is in force, `user` at first. */
  readonly profile?: string;
  /** The profile of a home in which none was ever set. */
  readonly firstProfile?: string;
  readonly profilesDir: string;
  /** Where the bundles are: `kernels/<id>.js`, `kernels/manifest.json`, `gateway.js`, `agent.js`. */
  readonly distDir: string;
  /** Names of further variables that the children get from the environment. */
  readonly passEnv: readonly string[];
  /** Somebody reads standard output now: print the summary, and stop when the parent goes away. */
  readonly foreground: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const LOWEST_PORT = 1024;
const PORTS = [GATEWAY_PORT, ...KERNEL_TABLE.map((row) => row.port)];

const readOffset = (text: string | undefined): number => {
  const least = LOWEST_PORT - Math.min(...PORTS);
  const most = 65_535 - Math.max(...PORTS);
  if (text === undefined || text === '') return 0;
  const offset = /^-?\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (offset >= least && offset <= most) return offset;
  const detail = `HOLDFAST_PORT_OFFSET: expected a whole number from ${least} to ${most}, got ${JSON.stringify(text)}`;
  throw new HoldfastError('config_invalid', { kernel: 'guardian', detail });
};

/** Anything but a clear no switches it on: a misspelt kill switch must still kill. */
const readSwitch = (text: string | undefined): boolean =>
  !['', '0', 'false', 'no', 'off'].includes((text ?? '').trim().toLowerCase());

/** Reads the settings; throws config_invalid. `distDir` is the folder of the guardian's own bundle. */
export const readSettings = (env: Environment, distDir: string, isTerminal: boolean): Settings => ({
  home: resolve(env['HOLDFAST_HOME'] || join(homedir(), '.holdfast')),
  portOffset: readOffset(env['HOLDFAST_PORT_OFFSET']),
  databaseUrl: env['HOLDFAST_DATABASE_URL'] || undefined,
  killSwitch: readSwitch(env['HOLDFAST_KILL_SWITCH']),
  adminToken: env['ADMIN_TOKEN'],
  profile: env['HOLDFAST_PROFILE'] || env['PROFILE'] || undefined,
  firstProfile: env['HOLDFAST_FIRST_PROFILE'] || undefined,
  profilesDir: join(
    resolve(env['HOLDFAST_CONFIG_DIR'] || join(distDir, '..', 'config')),
    'profiles',
  ),
  distDir,
  passEnv: (env['HOLDFAST_PASS_ENV'] ?? '').split(',').filter((name) => name !== ''),
  foreground: env['HOLDFAST_FOREGROUND'] === '1' || isTerminal,
});
