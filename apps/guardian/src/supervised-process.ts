import type {
  FromChild,
  GuardianQuestion,
  KernelState,
  Profile,
  ToChild,
} from '@holdfast/contracts';
import type { Child } from './child-process.ts';
import type { GuardianLog } from './guardian-log.ts';
import type { ProbeResult } from './health-probe.ts';
import { decayFailures, decideRestart } from './restart-policy.ts';
import type { ListenHandle, ProcessIdentity } from '@holdfast/sdk/process';
import { isStopped } from '@holdfast/sdk/process';

/** What stays the same over all lives of one supervised process. */
export interface ProcessSpec {
  readonly name: string;
  readonly timings: Profile['guardian'];
  start(): Child;
  /** Makes the first message of one life; it may wait, and its failure counts as a failed start. */
  init(): Promise<{ readonly message: ToChild; readonly handle?: ListenHandle }>;
  /** What `init` waits for, for the reason that is shown meanwhile. */
  readonly needs?: string;
  /** Undefined where there is no port to ask. */
  readonly probe?: () => Promise<ProbeResult>;
  /** Undefined for those who may not ask. */
  readonly answer?: (question: GuardianQuestion) => unknown;
}

export interface ProcessState {
  readonly status: KernelState;
  readonly reason: string;
  readonly pid?: number;
  readonly identity?: ProcessIdentity;
  readonly startedAt?: Date;
  readonly lastCheck?: Date;
  readonly failures: number;
  readonly restarts: number;
}

export interface SupervisedProcess {
  readonly name: string;
  state(): ProcessState;
  /** Forks now, and tells it to start when `gate` resolves. */
  start(gate: Promise<unknown>): void;
  /** Does nothing before it was told to start: its first message has the same. */
  send(message: ToChild): void;
  /** Looks now and not only at the next interval. */
  check(): Promise<void>;
  /** Asks it to stop, ends it when it does not; resolves when it is gone. */
  stop(): Promise<void>;
  /** Ends it for good, without asking. */
  killNow(): void;
}

interface Hooks {
  readonly log: GuardianLog;
  /** The state changed. The promise is awaited before a new process is told anything: it must be on record first. */
  changed(): Promise<void>;
}

const GRACE_AFTER_FAILED_MS = 1_000;

/** Keeps one process alive: starts it, watches it, replaces it when it dies or no longer answers. */
export const createSupervisedProcess = (spec: ProcessSpec, hooks: Hooks): SupervisedProcess => {
  const { timings } = spec;
  let state: ProcessState = { status: 'not_started', reason: '', failures: 0, restarts: 0 };
  let child: Child | undefined;
  let timer: NodeJS.Timeout | undefined;
  let deadline: NodeJS.Timeout | undefined;
  let ended: Promise<void> = Promise.resolve();
  let stopping = false;
  let healthySince: number | undefined;
  let failingSince: number | undefined;
  let unanswered = 0;
  let told = false;
  let cause: string | undefined;

  const set = (next: Partial<ProcessState>): Promise<void> => {
    const was = state;
    state = { ...state, ...next };
    if (was.status !== state.status) {
      const { status, reason, pid, failures } = state;
      const tell = ['unhealthy', 'failed', 'restarting'].includes(status) ? 'warn' : 'info';
      hooks.log[tell](`${spec.name} is ${status}`, {
        process: spec.name,
        reason,
        child: pid,
        failures,
      });
    }
    return hooks.changed();
  };

  /** Ends the life of this child; the exit does the rest. The first cause given is the one that is told. */
  const end = (why: string): void => {
    cause ??= why;
    child?.kill();
  };

  const afterExit = (how: string): void => {
    clearTimeout(timer);
    clearTimeout(deadline);
    child = undefined;
    const reason = cause ?? how;
    const gone = { pid: undefined, identity: undefined, startedAt: undefined };
    if (stopping) {
      void set({ status: 'stopped', reason: 'stopped in order', ...gone });
      return;
    }
    const healthyMs = healthySince === undefined ? undefined : performance.now() - healthySince;
    const decision = decideRestart({ failures: state.failures, healthyMs }, Math.random());
    void set({
      status: decision.crashLoop ? 'failed' : 'restarting',
      reason: `${reason}; started again in ${decision.delayMs} ms`,
      failures: decision.failures,
      restarts: state.restarts + 1,
      ...gone,
    });
    timer = setTimeout(() => live(Promise.resolve()), decision.delayMs);
  };

  const becomeHealthy = (): void => {
    clearTimeout(deadline);
    healthySince ??= performance.now();
    failingSince = undefined;
    unanswered = 0;
    const healthyMs = performance.now() - healthySince;
    const failures = decayFailures(state.failures, healthyMs);
    if (failures < state.failures) healthySince = performance.now();
    void set({ status: 'healthy', reason: '', lastCheck: new Date(), failures });
  };

  const becomeUnhealthy = (result: ProbeResult & { ok: false }): void => {
    failingSince ??= performance.now();
    unanswered = result.alive ? 0 : unanswered + 1;
    const starting = healthySince === undefined;
    void set({
      status: starting ? state.status : 'unhealthy',
      reason: result.reason,
      lastCheck: new Date(),
    });
    const failingMs = performance.now() - failingSince;
    if (unanswered >= timings.failure_threshold)
      end(`${result.reason}, ${unanswered} times in a row`);
    else if (failingMs >= timings.check_interval_s * 1_000)
      end(`failing for too long: ${result.reason}`);
  };

  const look = async (pid: number): Promise<ProbeResult> => {
    if (await isStopped(pid)) return { ok: false, alive: false, reason: 'held by a stop signal' };
    return spec.probe === undefined ? { ok: true } : spec.probe();
  };

  const checkChild = async (current: Child): Promise<void> => {
    if (current.pid === undefined) return;
    const result = await look(current.pid);
    if (child !== current || stopping || cause !== undefined) return;
    if (result.ok) becomeHealthy();
    else becomeUnhealthy(result);
  };

  const watch = async (current: Child): Promise<void> => {
    const began = performance.now();
    await checkChild(current);
    if (child !== current || stopping) return;
    const wait = Math.max(0, timings.liveness_interval_ms - (performance.now() - began));
    timer = setTimeout(() => void watch(current), wait);
  };

  const receive = (current: Child, message: FromChild): void => {
    if (child !== current) return;
    if (message.type === 'ready') void watch(current);
    if (message.type === 'failed') {
      cause ??= message.problems.join('; ');
      deadline = setTimeout(() => current.kill(), GRACE_AFTER_FAILED_MS);
    }
    if (message.type === 'ask' && spec.answer !== undefined) {
      const reply = {
        type: 'reply',
        id: message.id,
        ok: true,
        body: spec.answer(message.question),
      } as const;
      void current.send(reply).catch(() => {});
    }
  };

  const tellToStart = async (current: Child, gate: Promise<unknown>): Promise<void> => {
    const identity = await current.identity;
    if (child !== current) return;
    const first = state.restarts === 0;
    await set({
      identity,
      reason: first && spec.needs ? `waiting for ${spec.needs}` : state.reason,
    });
    await gate;
    const { message, handle } = await spec.init();
    if (child !== current || stopping) return;
    if (first) void set({ reason: '' });
    deadline = setTimeout(
      () =>
        end(
          [`not healthy ${timings.start_timeout_ms} ms after its start`, state.reason]
            .filter(Boolean)
            .join(': '),
        ),
      timings.start_timeout_ms,
    );
    told = true;
    await current.send(message, handle);
  };

  const live = (gate: Promise<unknown>): void => {
    cause = undefined;
    healthySince = undefined;
    failingSince = undefined;
    unanswered = 0;
    told = false;
    let current: Child;
    try {
      current = spec.start();
    } catch (error) {
      afterExit(`could not be started: ${(error as Error).message}`);
      return;
    }
    child = current;
    ended = current.exited.then(afterExit);
    current.onMessage((message) => receive(current, message));
    const status = state.restarts === 0 ? 'starting' : state.status;
    void set({ status, pid: current.pid, startedAt: new Date() });
    tellToStart(current, gate).catch((error: Error) => {
      if (child === current) end(`could not be told to start: ${error.message}`);
    });
  };

  return {
    name: spec.name,
    state: () => state,
    start: live,
    send: (message) => {
      if (told) child?.send(message).catch(() => {});
    },
    check: async () => {
      if (child !== undefined && healthySince !== undefined) await checkChild(child);
    },
    async stop() {
      stopping = true;
      clearTimeout(timer);
      clearTimeout(deadline);
      if (child === undefined) {
        if (state.status !== 'not_started')
          await set({ status: 'stopped', reason: 'stopped in order' });
        return;
      }
      const current = child;
      void set({ status: 'stopping', reason: '' });
      // One that was not told to start has nothing to put in order.
      if (told) current.send({ type: 'stop' }).catch(() => current.kill());
      else current.kill();
      const limit = setTimeout(() => current.kill(), timings.stop_timeout_ms);
      await ended;
      clearTimeout(limit);
    },
    killNow() {
      stopping = true;
      child?.kill();
    },
  };
};
