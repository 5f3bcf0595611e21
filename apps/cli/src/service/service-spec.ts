import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROFILE_ALIASES } from '@holdfast/contracts';
import { CliError, EXIT } from '../cli-error.ts';
import type { CliContext } from '../context.ts';

export const SERVICE_NAME = 'holdfast';

/** Stands in every file that an installation writes. Only files with it are replaced or removed. */
export const MARKER =
  'Written by `holdfast service install`; `holdfast service uninstall` removes it';

export type Scope = 'user' | 'system';

/** What the service manager is to run. All paths are absolute. */
export interface ServiceSpec {
  readonly scope: Scope;
  /** Canonical name of the profile of a home that has none yet; another one keeps what is in force. */
  readonly profile: string;
  readonly home: string;
  readonly node: string;
  /** `bin/holdfast`. */
  readonly program: string;
  /** Account that it runs as; that of the service manager when absent. */
  readonly runAs?: string;
  /** Never a secret: files of service managers are readable by everybody. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface ServiceFlags {
  readonly user?: boolean;
  readonly system?: boolean;
}

export interface InstallFlags extends ServiceFlags {
  readonly profile: string;
  readonly home?: string;
  readonly runAs?: string;
}

/** Settings that are no secrets and that the running stack needs again. */
const CARRIED = ['HOLDFAST_PORT_OFFSET', 'HOLDFAST_CONFIG_DIR'];
/** Settings that may be secrets: named to the user, never written. */
const NOT_CARRIED = ['ADMIN_TOKEN', 'HOLDFAST_DATABASE_URL'];
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const ACCOUNT = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}\$?$/;

const usage = (message: string): CliError => new CliError(message, { exit: EXIT.usage });

/** No unit file, property list or command line carries these unharmed. */
const checkText = (what: string, value: string): string => {
  if (/\p{Cc}/u.test(value) || !value.isWellFormed())
    throw usage(`${what}: holds a control character or half a character`);
  return value;
};

/** The user's own service manager, or that of the machine: by default the one that the caller owns. */
export const pickScope = (
  flags: ServiceFlags,
  platform: NodeJS.Platform,
  uid: number | undefined,
): Scope => {
  if (flags.user && flags.system) throw usage('--user and --system exclude each other');
  if (platform === 'win32' && flags.user)
    throw usage('--user: a Windows service belongs to the machine; install it with --system');
  if (flags.user) return 'user';
  return flags.system || platform === 'win32' || uid === 0 ? 'system' : 'user';
};

/** Settings of this shell that the service will not have. */
export const leftOut = (env: NodeJS.ProcessEnv): string[] =>
  NOT_CARRIED.filter((name) => env[name] !== undefined && env[name] !== '');

const readProfile = (given: string): string => {
  const profile = Object.hasOwn(PROFILE_ALIASES, given) ? PROFILE_ALIASES[given] : undefined;
  if (profile !== undefined) return profile;
  throw usage(`--profile ${given}: expected one of ${Object.keys(PROFILE_ALIASES).join(', ')}`);
};

/** Reads what to install from the flags and the shell. Throws usage errors. */
export const readServiceSpec = (context: CliContext, flags: InstallFlags): ServiceSpec => {
  const { env, execPath, platform } = context.process;
  const scope = pickScope(flags, platform, context.process.getuid?.());
  const profile = readProfile(flags.profile);
  const { runAs } = flags;
  if (runAs !== undefined) {
    if (scope !== 'system' || platform === 'win32')
      throw usage('--run-as: only a service of the machine, on Linux and macOS, can have it');
    if (!ACCOUNT.test(runAs)) throw usage(`--run-as ${runAs}: not an account name`);
    if (flags.home === undefined)
      throw usage('--run-as: name a folder of that account with --home');
  }
  const program = fileURLToPath(new URL('../bin/holdfast', context.dist));
  if (!existsSync(program)) throw new CliError(`${program}: missing`);
  const home = flags.home === undefined ? context.home : resolve(flags.home);
  const carried = CARRIED.flatMap((name) => (env[name] ? [[name, env[name]]] : []));
  const environment: Record<string, string> = {
    HOLDFAST_HOME: home,
    HOLDFAST_FIRST_PROFILE: profile,
    ...Object.fromEntries(carried),
    ...(platform === 'win32' ? {} : { PATH: `${dirname(execPath)}:${SYSTEM_PATH}` }),
  };
  const config = environment['HOLDFAST_CONFIG_DIR'];
  if (config !== undefined && !isAbsolute(config))
    environment['HOLDFAST_CONFIG_DIR'] = resolve(config);
  for (const [name, value] of Object.entries(environment)) checkText(name, value);
  return {
    scope,
    profile,
    home,
    node: checkText('node', execPath),
    program: checkText('program', program),
    runAs,
    environment,
  };
};

/** Templates are files of the repository: what is installed can be read before. */
export const deployFolder = (context: CliContext): string =>
  join(fileURLToPath(new URL('..', context.dist)), 'deploy');
