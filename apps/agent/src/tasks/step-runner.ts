import type { PackageDriver, StepResult, TaskResult } from '@holdfast/contracts';
import type { Clock, Logger } from '@holdfast/sdk';
import { identifyProcess } from '@holdfast/sdk/process';
import type { Journal, JournalEntry, StepTask } from '../journal/journal.ts';
import { createKeyedQueue } from '../keyed-queue.ts';
import { endRecordedChild } from './recorded-child.ts';
import { describeResumption, outstandingOf, type StepOutlook } from './resumption.ts';
import { failureOf } from './task-failure.ts';

export interface StepRunnerOptions {
  readonly journal: Journal;
  readonly drivers: readonly PackageDriver[];
  readonly clock: Clock;
  readonly log: Logger;
  /** Called with each result once it is durable. */
  onResult(result: TaskResult): void;
}

/** Carries out steps, each task id once, those of one environment one after the other. */
export interface StepRunner {
  /** Takes a task: new, running, finished or acknowledged, whatever the journal says. */
  take(id: string, task: StepTask): Promise<void>;
  /**
   * Ends the processes of steps that the last process left unfinished. The steps themselves go on only when the stack
   * sends them again: in between it may have decided that nothing more shall start.
   */
  endLeftovers(): Promise<void>;
  /**
   * Takes nothing more; lets what runs finish for `graceMs`, then ends it without a result, so that the next process
   * finds it unfinished in the journal.
   */
  drain(graceMs: number): Promise<void>;
}

export const createStepRunner = (options: StepRunnerOptions): StepRunner => {
  const { journal, drivers, clock, log } = options;
  const inTurn = createKeyedQueue();
  const running = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  let draining = false;

  const applyNow = async (entry: JournalEntry, timeoutMs: number): Promise<StepResult> => {
    const driver = drivers.find((one) => one.id === entry.task.action.driver);
    if (!driver?.capabilities.apply) {
      const detail = `this agent cannot change packages of ${entry.task.action.driver}`;
      return { status: 'failed', code: 'driver_unavailable', detail };
    }
    return driver.apply(entry.task.action, {
      timeoutMs,
      signal: stopping.signal,
      async onSpawn({ pid, start_time }) {
        const identity = await identifyProcess(pid);
        await journal.spawned({ id: entry.id, pid, start_time: identity?.startTime ?? start_time });
      },
    });
  };

  const late = (entry: JournalEntry): StepResult => ({
    status: 'failed',
    code: 'step_timeout',
    detail: `its time of ${entry.task.timeout_ms} ms was over before it could be carried out`,
  });

  const endChildren = async (entry: JournalEntry): Promise<void> => {
    for (const { pid, start_time } of entry.children) {
      const ended = await endRecordedChild({ pid, startTime: start_time });
      if (ended) log.warn({ pid }, 'ended a child left behind');
    }
  };

  const carryOut = async (entry: JournalEntry, resumed: boolean): Promise<StepResult> => {
    let outlook: StepOutlook | undefined;
    let result: StepResult;
    try {
      await endChildren(entry);
      const leftMs = entry.receivedMs + entry.task.timeout_ms - clock.now();
      const driver = drivers.find((one) => one.id === entry.task.action.driver);
      if (resumed && driver) outlook = await outstandingOf(driver, entry.task.action);
      result = leftMs > 0 ? await applyNow(entry, leftMs) : late(entry);
    } catch (error) {
      result = { status: 'failed', ...failureOf(error) };
    }
    return resumed ? describeResumption(result, outlook) : result;
  };

  const run = async (id: string, resumed: boolean): Promise<void> => {
    const entry = journal.find(id);
    if (draining || entry === undefined || entry === 'acked' || entry.result) return;
    const step = await carryOut(entry, resumed);
    // Ended by drain, not by itself: unfinished is what it is.
    if (stopping.signal.aborted) return;
    const result: TaskResult = { task_id: id, ok: step.status === 'succeeded', step };
    await journal.finished(id, result);
    options.onResult(result);
  };

  const start = (entry: { id: string; task: StepTask }, resumed: boolean): void => {
    if (running.has(entry.id)) return;
    const environment = String(entry.task.action.params['environment']);
    const work = inTurn(environment, () => run(entry.id, resumed))
      .catch((error: unknown) => log.error({ err: error, task: entry.id }, 'step not recorded'))
      .finally(() => running.delete(entry.id));
    running.set(entry.id, work);
  };

  return {
    async take(id, task) {
      const known = journal.find(id);
      if (known === 'acked') return;
      if (known?.result) return options.onResult(known.result);
      if (running.has(id) || draining) return;
      if (known === undefined) await journal.received(id, task, clock.now());
      start({ id, task }, known !== undefined);
    },
    async endLeftovers() {
      const unfinished = journal.entries().filter(({ result }) => !result);
      const ends = unfinished.map((entry) =>
        endChildren(entry).catch((error: unknown) => {
          log.error({ err: error, task: entry.id }, 'a child was left behind and still runs');
        }),
      );
      await Promise.all(ends);
    },
    async drain(graceMs) {
      draining = true;
      const finished = Promise.all(running.values());
      const settled = new AbortController();
      await Promise.race([finished, clock.sleep(graceMs, settled.signal)]);
      settled.abort();
      stopping.abort();
      await finished;
    },
  };
};
