import type { Server } from 'node:net';
import type { ProcessName, Rejoin } from '@holdfast/contracts';
import type { LineSocket } from '@holdfast/sdk/process';
import { isSameProcess, isStopped, processAgeMs, terminate } from '@holdfast/sdk/process';
import type { GuardianLog } from '../logs/guardian-log.ts';
import type { ProcessRecord } from '../home/run-files.ts';
import type { EndCause } from './process-spec.ts';
import type { Supervisor } from './supervisor.ts';
import { createAdoptedChild, type AdoptedChild } from './adopted-child.ts';
import { openControlServer, type Rejoiner } from './control-server.ts';

/** Takes over, one by one, the processes that a guardian before this one started and that serve on. */
export interface Takeover {
  /** On record, and not yet taken over or ended. */
  pending(): readonly ProcessRecord[];
  readonly adopted: number;
  /** Takes over nobody more. What has not come is ended, when the stack is being stopped. */
  close(stopped: boolean): Promise<void>;
}

interface Options {
  readonly controlPath: string;
  readonly secret: string;
  readonly supervisor: Supervisor;
  readonly log: GuardianLog;
  /** Processes on record. */
  readonly records: readonly ProcessRecord[];
  /** Processes that are to run, and may be started when none is there to be taken over. */
  readonly names: readonly ProcessName[];
  /** Whether the guardian before this one had it running; what it had not is started for the first time. */
  wasRunning(name: ProcessName): boolean;
  readonly stopTimeoutMs: number;
  /** Who comes now is told to leave. */
  isStopping(): boolean;
}

/** A process looks for its guardian many times a second: one that has not come by then hangs. */
const REJOIN_MS = 3_000;
const HELD_MS = 1_000;
const LOOK_MS = 30;

const DIED: EndCause = { mode: 'process_crashed', why: 'ended while there was no guardian' };
const HUNG: EndCause = { mode: 'connection_timeout', why: 'did not come over to this guardian' };

export const openTakeover = async (options: Options): Promise<Takeover> => {
  const { supervisor, log, names } = options;
  const pending = new Map(options.records.map((record) => [record.pid, record]));
  const taken = new Set<string>();
  const running = new Map<number, AdoptedChild>();
  const begun = new Set<string>();
  const hung = new Set<string>();
  let adopted = 0;
  let closed = false;

  const rejoin = (hello: Rejoin, line: LineSocket): Rejoiner | undefined => {
    if (closed || options.isStopping()) return undefined;
    const known = running.get(hello.pid);
    if (known !== undefined) return known.connect(line);
    const record = pending.get(hello.pid);
    if (record === undefined || record.name !== hello.name) return undefined;
    if (!names.includes(hello.name) || taken.has(hello.name)) return undefined;
    taken.add(hello.name);
    pending.delete(hello.pid);
    adopted += 1;
    const { name: _, ...identity } = record;
    const adopting = createAdoptedChild(identity);
    running.set(hello.pid, adopting);
    void adopting.child.exited.then(() => running.delete(hello.pid));
    const rejoiner = adopting.connect(line);
    const { serving, restarts } = hello;
    const startedAt = new Date(hello.started_at);
    // It has said just now when it started, by the same wall clock: that is an age, too.
    const age = processAgeMs(hello.pid) ?? Date.now() - startedAt.getTime();
    const bornAt = performance.now() - Math.max(0, age);
    supervisor.adopt(hello.name, {
      child: adopting.child,
      serving,
      restarts,
      startedAt,
      bornAt,
      settings: hello.settings ?? '',
    });
    log.info(`${hello.name} is taken over`, { process: hello.name, child: hello.pid });
    return rejoiner;
  };

  const isDue = (name: ProcessName): boolean =>
    !begun.has(name) &&
    !taken.has(name) &&
    ![...pending.values()].some((record) => record.name === name);

  const startWhatIsGone = (): void => {
    for (const name of names.filter(isDue)) {
      begun.add(name);
      const one = supervisor.one(name);
      const recorded = options.records.some((record) => record.name === name);
      const isFirst = one?.canSleep === true || !options.wasRunning(name);
      if (!recorded && isFirst) supervisor.start(name);
      else one?.startAgain(hung.has(name) ? HUNG : DIED);
    }
  };

  const endLate = async (record: ProcessRecord): Promise<void> => {
    hung.add(record.name);
    // What is held by a stop signal does not hear that it is asked to leave.
    const graceMs = (await isStopped(record.pid)) ? 0 : options.stopTimeoutMs;
    const how = await terminate(record, { graceMs });
    pending.delete(record.pid);
    if (how !== 'gone')
      log.warn('ended a process of an earlier guardian', {
        process: record.name,
        child: record.pid,
        how,
      });
  };

  /** What died meanwhile is started at once; what does not come in time is ended. */
  const watch = async (): Promise<void> => {
    const began = performance.now();
    while (!closed && pending.size > 0 && performance.now() < began + REJOIN_MS) {
      for (const record of [...pending.values()]) {
        if (!(await isSameProcess(record))) pending.delete(record.pid);
        else if (performance.now() > began + HELD_MS && (await isStopped(record.pid)))
          await endLate(record);
      }
      startWhatIsGone();
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    if (closed) return;
    await Promise.all([...pending.values()].map(endLate));
    startWhatIsGone();
  };

  const server: Server = await openControlServer({ ...options, path: options.controlPath, rejoin });
  for (const { name, pid } of options.records) supervisor.one(name)?.expect(pid);
  startWhatIsGone();
  void watch();
  return {
    pending: () => [...pending.values()],
    get adopted() {
      return adopted;
    },
    async close(stopped) {
      closed = true;
      server.close();
      if (stopped) await Promise.all([...pending.values()].map(endLate));
    },
  };
};
