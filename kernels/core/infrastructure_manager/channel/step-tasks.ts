import {
  HoldfastError,
  type StepAction,
  type StepResult,
  type TaskResult,
} from '@holdfast/contracts';
import { isStoreError, type Statement } from '@holdfast/store';
import type { InfrastructureContext } from '../config.ts';
import { digestOf } from '../digest.ts';

/** A step that changes something, as it was asked for. */
export interface StepOrder {
  readonly run: string;
  readonly step: string;
  readonly host: string;
  readonly action: StepAction;
  readonly timeout_ms: number;
}

interface OpenTask extends StepOrder {
  timeout_ms: number;
  /** Whether the agent was sent the task in the connection that it has now. */
  sent: boolean;
  readonly taskId: string;
  readonly createdMs: number;
  readonly done: Promise<StepResult>;
  finish(result: StepResult): void;
}

export interface StepTasks {
  /**
   * The result if there is one, the open task otherwise; undefined when the step was never ordered. `timeoutMs` is the
   * time that the caller gives the step now, from its first order on: it only grows.
   */
  find(
    run: string,
    step: string,
    timeoutMs: number,
  ): Promise<StepResult | { open: true } | undefined>;
  /**
   * Makes the step durable and sends it. A step that is there already is not ordered twice. Guards go into the same
   * write: one that does not hold refuses it with WRITE_CONFLICT.
   */
  order(order: StepOrder, guards?: readonly Statement[]): Promise<void>;
  /** Waits for the result of an open step; `running` when there is none after `waitMs`. */
  wait(run: string, step: string, waitMs: number, signal: AbortSignal): Promise<StepResult>;
  /** Stores what an agent says about a step of its own; later words about the same step change nothing. */
  finish(host: string, result: TaskResult): Promise<void>;
  /** Sends an open step to an agent that was not sent it in its present connection. */
  offer(run: string, step: string): void;
  /** The agent has a new connection. Nothing is sent by that alone: whoever ordered a step may want it no more. */
  reconnected(host: string): void;
  isBusy(host: string): boolean;
}

/** Time for an agent to come back and report after the step itself ran out of time. */
const REPORT_GRACE_MS = 60_000;
/** How long the results of steps are remembered. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;
const RUNNING: StepResult = { status: 'running', detail: 'the agent is at work' };

interface TaskRow {
  run: string;
  step: string;
  task_id: string;
  host: string;
  action: string;
  timeout_ms: number;
  created_ms: number;
  result: string | null;
}

const keyOf = (run: string, step: string): string => JSON.stringify([run, step]);

const stepResultOf = (result: TaskResult): StepResult => {
  if (result.step && result.step.status !== 'running') return result.step;
  return {
    status: 'failed',
    code: result.error?.code ?? 'step_failed',
    detail: result.error?.detail ?? 'the agent gave no result',
  };
};

/**
 * Steps that change a host. Each (run, step) is one durable row and one task id for good: it is sent once in each
 * connection in which it is asked for, until a result is stored, and the agent carries a task id out once.
 */
export const openStepTasks = async (
  context: InfrastructureContext,
  send: (host: string, taskId: string, order: StepOrder) => boolean,
): Promise<StepTasks> => {
  const { store, clock, ids, log } = context;
  const open = new Map<string, OpenTask>();

  const track = (order: StepOrder, taskId: string, createdMs: number): OpenTask => {
    let finish = (_: StepResult): void => {};
    const done = new Promise<StepResult>((resolve) => (finish = resolve));
    const task = { ...order, taskId, createdMs, sent: false, done, finish };
    open.set(keyOf(order.run, order.step), task);
    return task;
  };

  const offer = (task: OpenTask): void => {
    const timeout_ms = task.createdMs + task.timeout_ms - clock.now();
    // With no time left it must not be started; an agent that has it hands its result in by itself.
    if (task.sent || timeout_ms <= 0) return;
    task.sent = send(task.host, task.taskId, { ...task, timeout_ms });
  };

  const readRow = async (run: string, step: string): Promise<TaskRow | undefined> => {
    const rows = await store.read<TaskRow>('SELECT * FROM step_tasks WHERE run = ? AND step = ?', [
      run,
      step,
    ]);
    return rows[0];
  };

  const settle = async (task: OpenTask, result: StepResult): Promise<void> => {
    await context.commit([
      {
        sql: 'UPDATE step_tasks SET result = ? WHERE task_id = ? AND result IS NULL',
        params: [JSON.stringify(result), task.taskId],
      },
    ]);
    open.delete(keyOf(task.run, task.step));
    task.finish(result);
  };

  const isOverdue = (task: OpenTask): boolean =>
    clock.now() > task.createdMs + task.timeout_ms + REPORT_GRACE_MS;

  /** A step whose agent never reported is over: it must not start long after its change ended. */
  const expire = (task: OpenTask): Promise<void> =>
    settle(task, {
      status: 'failed',
      code: 'step_timeout',
      detail: `no result from the agent of ${task.host} ${task.timeout_ms} ms after the order`,
    });

  const rows = await store.read<TaskRow>(
    'SELECT * FROM step_tasks WHERE result IS NULL ORDER BY created_ms',
  );
  for (const row of rows) {
    const action = JSON.parse(row.action) as StepAction;
    track({ ...row, action }, row.task_id, row.created_ms);
  }

  return {
    async find(run, step, timeoutMs) {
      const task = open.get(keyOf(run, step));
      if (task) task.timeout_ms = Math.max(task.timeout_ms, timeoutMs);
      if (task && isOverdue(task)) await expire(task);
      else if (task) return { open: true };
      const row = await readRow(run, step);
      return row?.result ? (JSON.parse(row.result) as StepResult) : undefined;
    },
    async order(order, guards = []) {
      const taskId = ids('task');
      const createdMs = clock.now();
      const { run, step, host, action, timeout_ms } = order;
      try {
        await context.commit([
          ...guards,
          {
            sql: 'DELETE FROM step_tasks WHERE result IS NOT NULL AND created_ms < ?',
            params: [createdMs - KEPT_MS],
          },
          {
            sql: `INSERT INTO step_tasks (run, step, task_id, host, action, timeout_ms, created_ms)
              VALUES (?, ?, ?, ?, ?, ?, ?)`,
            params: [run, step, taskId, host, JSON.stringify(action), timeout_ms, createdMs],
          },
        ]);
      } catch (error) {
        if (isStoreError(error, 'STORE_CONSTRAINT')) return;
        throw error;
      }
      offer(track(order, taskId, createdMs));
    },
    async wait(run, step, waitMs, signal) {
      const task = open.get(keyOf(run, step));
      if (!task) {
        const row = await readRow(run, step);
        return row?.result ? (JSON.parse(row.result) as StepResult) : RUNNING;
      }
      const settled = new AbortController();
      const stop = AbortSignal.any([settled.signal, signal]);
      const result = await Promise.race([task.done, clock.sleep(waitMs, stop)]);
      settled.abort();
      return result ?? RUNNING;
    },
    async finish(host, result) {
      const task = [...open.values()].find(
        (one) => one.taskId === result.task_id && one.host === host,
      );
      if (task) await settle(task, stepResultOf(result));
      else log.debug({ host, task: result.task_id }, 'result of a task that is over');
    },
    offer(run, step) {
      const task = open.get(keyOf(run, step));
      if (task) offer(task);
    },
    reconnected(host) {
      for (const task of open.values()) if (task.host === host) task.sent = false;
    },
    isBusy: (host) => [...open.values()].some((task) => task.host === host && !isOverdue(task)),
  };
};

/** Throws invalid_input when a step is ordered again with another action than the first time. */
export const checkSameAction = async (
  context: InfrastructureContext,
  order: StepOrder,
): Promise<void> => {
  const [row] = await context.store.read<Pick<TaskRow, 'action' | 'host'>>(
    'SELECT action, host FROM step_tasks WHERE run = ? AND step = ?',
    [order.run, order.step],
  );
  if (
    !row ||
    (row.host === order.host && digestOf(JSON.parse(row.action)) === digestOf(order.action))
  )
    return;
  const detail = `step ${order.step} of run ${order.run} was ordered before with another action`;
  throw new HoldfastError('invalid_input', { detail });
};
