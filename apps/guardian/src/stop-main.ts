import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { readIfPresent } from './private-file.ts';
import { isSameProcess, terminate, type ProcessIdentity } from '@holdfast/sdk/process';

/**
 * Stops the stack of HOLDFAST_HOME: asks its guardian to stop in order and waits until it is gone, then ends what a
 * killed guardian left behind. Only processes on record, by pid and start time, are touched. Prints one JSON document
 * `{stopped, was_running, processes}`. Exit 0 when nothing is left, 1 otherwise.
 */
const GRACE_MS = 30_000;
const LEFTOVER_GRACE_MS = 5_000;

const home = resolve(process.env['HOLDFAST_HOME'] || join(homedir(), '.holdfast'));

const readRecord = async (name: string): Promise<unknown> => {
  try {
    return JSON.parse((await readIfPresent(join(home, 'run', name))) ?? 'null');
  } catch {
    return null;
  }
};

const isIdentity = (value: unknown): value is ProcessIdentity =>
  typeof (value as ProcessIdentity | null)?.pid === 'number' &&
  typeof (value as ProcessIdentity).startTime === 'string';

const guardian = await readRecord('guardian.json');
const recorded = await readRecord('processes.json');
const wasRunning = isIdentity(guardian) && (await isSameProcess(guardian));
const processes = Array.isArray(recorded) ? recorded.filter(isIdentity) : [];

const ends: string[] = [];
if (wasRunning) ends.push(await terminate(guardian, { graceMs: GRACE_MS }));
ends.push(
  ...(await Promise.all(processes.map((one) => terminate(one, { graceMs: LEFTOVER_GRACE_MS })))),
);

const stopped = !ends.includes('survived');
process.stdout.write(
  `${JSON.stringify({ stopped, was_running: wasRunning, processes: processes.length })}\n`,
);
process.exitCode = stopped ? 0 : 1;
