import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { readIfPresent } from './home/private-file.ts';
import { isSameProcess, terminate, type ProcessIdentity } from '@holdfast/sdk/process';

/**
 * Stops the stack of HOLDFAST_HOME: asks its keeper, or its guardian where there is no keeper, to stop in order and waits
 * until both are gone, then ends what they left behind. Only processes on record, by pid and start time, are touched.
 * Prints one JSON document `{stopped, was_running, processes}`. Exit 0 when nothing is left, 1 otherwise.
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

const alive = async (value: unknown): Promise<ProcessIdentity[]> =>
  isIdentity(value) && (await isSameProcess(value)) ? [value] : [];

/** The keeper first: a guardian that is ended alone is started again by it. */
const heads = [
  ...(await alive(await readRecord('keeper.json'))),
  ...(await alive(await readRecord('guardian.json'))),
];
const ends: string[] = [];
for (const head of heads) ends.push(await terminate(head, { graceMs: GRACE_MS }));
// What was started between the two looks is on record by now.
ends.push(
  ...(await Promise.all(
    (await alive(await readRecord('guardian.json'))).map((one) =>
      terminate(one, { graceMs: GRACE_MS }),
    ),
  )),
);
const recorded = await readRecord('processes.json');
const processes = Array.isArray(recorded) ? recorded.filter(isIdentity) : [];
ends.push(
  ...(await Promise.all(processes.map((one) => terminate(one, { graceMs: LEFTOVER_GRACE_MS })))),
);

const stopped = !ends.includes('survived');
const report = { stopped, was_running: heads.length > 0, processes: processes.length };
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exitCode = stopped ? 0 : 1;
