import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configWith } from '../harness/quick-config.ts';
import type { FaultKind } from './plan.ts';

/** What a run may do to the machine it is on, and why it may not do the rest. */
export interface Machine {
  /** HOLDFAST_HOME: on a small disk of its own where that is possible. */
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  readonly impossible: Partial<Record<FaultKind, string>>;
  /** Leaves no byte free on the disk of the home. */
  fillDisk(): void;
  freeDisk(): void;
  /** From now on the clocks of the stack are off by that many hours. */
  setClock(hours: number): void;
  release(): void;
}

const DISK_BYTES = 1024 * 1024 * 1024;
const LIBRARY = 'libfaketime.so.1';
/** Far more than the callers of a run ask for: it is not about the limit. */
const RATE_LIMIT_RPS = 100_000;

const findLibrary = (): string | undefined => {
  if (process.platform !== 'linux') return undefined;
  const places = ['/usr/lib', '/usr/lib64', '/usr/local/lib'].filter(existsSync);
  const folders = places.flatMap((place) => [
    join(place, 'faketime'),
    ...readdirSync(place).map((name) => join(place, name, 'faketime')),
  ]);
  return folders.map((folder) => join(folder, LIBRARY)).find((file) => existsSync(file));
};

const works = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

const isRoot = process.getuid?.() === 0;

export const prepareMachine = (): Machine => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-campaign-'));
  const home = join(folder, 'home');
  const ballast = join(home, 'ballast');
  const clock = join(folder, 'clock');
  mkdirSync(home);
  const impossible: Partial<Record<FaultKind, string>> = {};

  const mounted =
    isRoot && works('mount', '-t', 'tmpfs', '-o', `size=${DISK_BYTES},mode=700`, 'tmpfs', home);
  if (!mounted) impossible.disk_full = 'no small disk can be mounted here';
  if (!works('prlimit', '--version')) impossible.memory_limit = 'there is no prlimit here';

  const library = findLibrary();
  if (library === undefined) impossible.clock_jump = 'libfaketime is not installed here';
  const clockEnv: Record<string, string> =
    library === undefined
      ? {}
      : {
          LD_PRELOAD: library,
          FAKETIME_TIMESTAMP_FILE: clock,
          FAKETIME_CACHE_DURATION: '1',
          FAKETIME_DONT_FAKE_MONOTONIC: '1',
          FAKETIME_DISABLE_SHM: '1',
          NO_FAKE_STAT: '1',
        };
  const setClock = (hours: number): void =>
    writeFileSync(clock, `${hours < 0 ? '-' : '+'}${Math.abs(hours)}h\n`);
  setClock(0);

  const fillDisk = (): void => {
    const { bavail, bsize } = statfsSync(home);
    spawnSync('fallocate', ['-l', String(bavail * bsize), ballast]);
    // What is left by rounding.
    spawnSync('dd', ['if=/dev/zero', `of=${ballast}.rest`, 'bs=4096'], { stdio: 'ignore' });
  };
  const freeDisk = (): void => {
    for (const file of [ballast, `${ballast}.rest`]) rmSync(file, { force: true });
  };
  return {
    home,
    impossible,
    env: {
      ...clockEnv,
      ...(library === undefined ? {} : { HOLDFAST_PASS_ENV: Object.keys(clockEnv).join(',') }),
      HOLDFAST_CONFIG_DIR: configWith(join(folder, 'config'), {
        rate_limit_rps: RATE_LIMIT_RPS,
        activation: 'always',
      }),
    },
    fillDisk,
    freeDisk,
    setClock,
    release() {
      if (mounted) spawnSync('umount', ['-l', home]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
