import { link, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/contracts';
import { makePrivateDirectory, readIfPresent, writePrivateFile } from './private-file.ts';
import type { ProcessIdentity } from '@holdfast/sdk/process';
import { identifyProcess, isSameProcess } from '@holdfast/sdk/process';

/** `$HOME/run/guardian.json`: the one guardian of a home, as the CLI finds it. */
export interface GuardianRecord extends ProcessIdentity {
  readonly url: string;
  readonly profile: string;
}

/** A line of `$HOME/run/processes.json`: a process that this guardian started. */
export interface ProcessRecord extends ProcessIdentity {
  readonly name: string;
}

export interface RunFiles {
  /** Processes of a guardian that did not live to stop them. */
  readonly leftovers: readonly ProcessRecord[];
  /** Says what runs now; resolves when it can be read. Calls are written in their order. */
  record(processes: readonly ProcessRecord[]): Promise<void>;
  /** Another keeper is in the place of one that was killed. */
  recordKeeper(pid: number): Promise<void>;
  release(): Promise<void>;
}

interface KeeperFacts {
  readonly pid: number;
  /** It has started a guardian of this stack before. */
  readonly succeeds: boolean;
  /** A record could not be written, and the stack goes on without it. */
  tolerated(error: Error): void;
}

const parseIdentity = <T extends ProcessIdentity>(value: unknown): T | undefined => {
  const { pid, startTime } = (value ?? {}) as Partial<ProcessIdentity>;
  return typeof pid === 'number' && typeof startTime === 'string' ? (value as T) : undefined;
};

const parseJson = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
};

const refuse = (home: string, pid: number): HoldfastError =>
  new HoldfastError('already_running', { home, pid });

const isAlive = async (text: string): Promise<GuardianRecord | undefined> => {
  const other = parseIdentity<GuardianRecord>(parseJson(text));
  return other !== undefined && (await isSameProcess(other)) ? other : undefined;
};

/**
 * Puts the record in place unless a living guardian holds it. `link` never replaces, so of several that start at once
 * one wins; the record of a dead one is moved aside first, and put back if it turns out to belong to a living one.
 */
const claim = async (home: string, path: string, own: GuardianRecord): Promise<void> => {
  const candidate = `${path}.${own.pid}`;
  const aside = `${path}.stale.${own.pid}`;
  await writePrivateFile(candidate, `${JSON.stringify(own)}\n`);
  try {
    for (;;) {
      try {
        await link(candidate, path);
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const text = await readIfPresent(path);
      if (text === undefined) continue;
      const other = await isAlive(text);
      if (other !== undefined) throw refuse(home, other.pid);
      try {
        await rename(path, aside);
      } catch {
        continue;
      }
      const moved = await isAlive(await readFile(aside, 'utf8'));
      if (moved === undefined) continue;
      await link(aside, path).catch(() => {});
      throw refuse(home, moved.pid);
    }
  } finally {
    await Promise.all([rm(candidate, { force: true }), rm(aside, { force: true })]);
  }
};

const readLeftovers = async (path: string): Promise<ProcessRecord[]> => {
  const list = parseJson(await readIfPresent(path));
  return Array.isArray(list) ? list.flatMap((one) => parseIdentity<ProcessRecord>(one) ?? []) : [];
};

/** A keeper that starts a guardian again and again holds the home also while it has none. */
const refuseOtherKeeper = async (home: string, path: string, own: number): Promise<void> => {
  const other = parseIdentity<ProcessIdentity>(parseJson(await readIfPresent(path)));
  if (other === undefined || other.pid === own) return;
  if (await isSameProcess(other)) throw refuse(home, other.pid);
};

/**
 * A guardian that takes over must not fail for want of room: its predecessor, which the keeper has seen die, has claimed
 * the home for this stack already.
 */
const tolerateFullDisk = async (
  { succeeds, tolerated }: KeeperFacts,
  work: Promise<void>,
): Promise<void> => {
  try {
    await work;
  } catch (error) {
    const full = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (!succeeds || !full) throw error;
    tolerated(error as Error);
  }
};

const recordKeeper = async (path: string, pid: number): Promise<void> => {
  const identity = await identifyProcess(pid);
  if (identity !== undefined) await writePrivateFile(path, `${JSON.stringify(identity)}\n`);
};

/** Claims a home for this process. Throws already_running while another guardian or keeper of it lives. */
export const claimRunFiles = async (
  home: string,
  facts: { readonly url: string; readonly profile: string },
  keeper: KeeperFacts,
): Promise<RunFiles> => {
  const { pid: keeperPid } = keeper;
  const directory = join(home, 'run');
  const guardianPath = join(directory, 'guardian.json');
  const processesPath = join(directory, 'processes.json');
  const keeperPath = join(directory, 'keeper.json');
  await makePrivateDirectory(directory);
  await refuseOtherKeeper(home, keeperPath, keeperPid);
  const identity = await identifyProcess(process.pid);
  if (identity === undefined) throw new Error('the guardian cannot identify itself');
  await tolerateFullDisk(keeper, claim(home, guardianPath, { ...identity, ...facts }));
  const leftovers = await readLeftovers(processesPath);
  await tolerateFullDisk(keeper, recordKeeper(keeperPath, keeperPid));
  let last: Promise<void> = Promise.resolve();
  return {
    leftovers,
    record(processes) {
      const content = `${JSON.stringify(processes)}\n`;
      last = last.catch(() => {}).then(() => writePrivateFile(processesPath, content));
      return last;
    },
    recordKeeper: (pid) => recordKeeper(keeperPath, pid),
    async release() {
      await last.catch(() => {});
      await rm(keeperPath, { force: true });
      await rm(processesPath, { force: true });
      await rm(guardianPath, { force: true });
    },
  };
};
