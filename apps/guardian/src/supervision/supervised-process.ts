import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessName, ToChild } from '@holdfast/contracts';
import type { ProcessIdentity } from '@holdfast/sdk/process';
import type { Child } from './child-process.ts';
import type { GuardianLog } from '../logs/guardian-log.ts';
import { decayFailures, decideRestart } from './restart-policy.ts';
import { createOutage } from './outage.ts';
import { createProcessLife, type ProcessLife } from './process-life.ts';
import { replaceLife } from './replace-life.ts';
import { createSleeper } from './sleeper.ts';
import type { Pause } from './pause.ts';
import type { EndCause, ProcessSpec, ProcessState } from './process-spec.ts';
import type { RestartHooks } from './restart-hooks.ts';

export type { ProcessSpec, ProcessState } from './process-spec.ts';

/** A process that an earlier guardian started. */
export interface Adopted {
  readonly child: Child;
  /** It said that it serves. */
  readonly serving: boolean;
  readonly restarts: number;
  readonly startedAt: Date;
  /** By `performance.now()`. */
  readonly bornAt: number;
  /** With which it was started; empty when it does not say. */
  readonly settings: string;
}

export interface SupervisedProcess {
  readonly name: ProcessName;
  state(): ProcessState;
  /** With which its process runs, or the last one ran; undefined before one was told. */
  settings(): string | undefined;
  /** Every process of it that lives: two while one follows another. */
  identities(): readonly ProcessIdentity[];
  /** Starts it, and tells it to start when `gate` resolves; what is started on demand waits for a connection instead. */
  start(gate: Promise<unknown>): void;
  /** It should have been running, and is not: starts it, as after a failure that was seen. */
  startAgain(cause: EndCause): void;
  /** Without a process it may be asleep. */
  readonly canSleep: boolean;
  /** It cannot be started now. */
  fail(cause: EndCause): void;
  /** A process of it runs, and is about to be taken over. */
  expect(pid: number): void;
  /** Takes over a process that an earlier guardian started. */
  adopt(running: Adopted): void;
  /** Does nothing before it was told to start: its first message has the same. */
  send(message: ToChild): void;
  letGo(port: number): Promise<void>;
  /** Requests that the running process has answered; undefined when it does not say. */
  requests(): Promise<number | undefined>;
  /** Looks now and not only at the next interval. */
  check(): Promise<void>;
  /** Ends what is there, at once, and starts it again. Resolves with the new pid, or rejects with why there is none. */
  restart(why: string): Promise<number>;
  /** Replaces a healthy process in order: nothing that it works on is lost. Rejects when the new one does not come up. */
  replace(why: string): Promise<number>;
  /** Another guardian is about to take over: accepts nothing more, and waits for a start that somebody waits for. */
  handsOver(): Promise<void>;
  /** No automatic restart before it is over; undefined lets them go on. */
  pause(pause: Pause | undefined): void;
  resetFailures(): void;
  /** Asks it to stop, ends it when it does not; resolves when it is gone. */
  stop(): Promise<void>;
  /** Ends it for good, without asking. */
  killNow(): void;
}

interface Hooks {
  readonly log: GuardianLog;
  readonly restarts: RestartHooks;
  /** The state changed. The promise is awaited before a new process is told anything: it must be on record first. */
  changed(): Promise<void>;
  /** Every other process closes its kept connections to the port. */
  letGo(name: string, port: number): Promise<void>;
}

const LET_GO_MS = 500;
const REQUESTS_MS = 1_000;
const HAND_OVER_MS = 5_000;
const WARN = new Set(['unhealthy', 'failed', 'restarting']);

/** Keeps one process alive: starts it, watches it, replaces it when it dies or no longer answers. */
export const createSupervisedProcess = (spec: ProcessSpec, hooks: Hooks): SupervisedProcess => {
  const { timings } = spec;
  const outage = createOutage(spec.name, hooks.restarts);
  const sleeper = createSleeper(spec);
  let state: ProcessState = { status: 'not_started', reason: '', failures: 0, restarts: 0 };
  let life: ProcessLife | undefined;
  let cameUpLast: ProcessLife | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopping = false;
  /** The end of the present life is wanted. */
  let endExpected = false;
  let working = 0;
  let work: Promise<unknown> = Promise.resolve();
  let pause: Pause | undefined;
  let failedStarts = 0;
  let lastSettings: string | undefined;
  const living = new Map<ProcessLife, ProcessIdentity>();
  const over = new WeakSet<ProcessLife>();

  const set = (next: Partial<ProcessState>): Promise<void> => {
    const was = state;
    state = { ...state, ...next };
    if (was.status !== state.status) {
      const { status, reason, pid, failures } = state;
      const tell = WARN.has(status) ? 'warn' : 'info';
      const fields = { process: spec.name, reason, child: pid, failures };
      hooks.log[tell](`${spec.name} is ${status}`, fields);
    }
    return hooks.changed();
  };

  const isPaused = (): boolean => (pause?.leftMs() ?? 0) > 0;

  const isHealthyNow = (own: ProcessLife): void => {
    if (life !== own) return;
    const healthyMs = own.healthyMs() ?? 0;
    failedStarts = 0;
    if (own !== cameUpLast) outage.ends(own.child.pid ?? 0);
    cameUpLast = own;
    const failures = decayFailures(state.failures, healthyMs);
    void set({ status: 'healthy', reason: '', lastCheck: new Date(), failures });
    sleeper.handOver(own);
  };

  const toSleep = async (own: ProcessLife): Promise<void> => {
    if (life !== own || stopping) return;
    await sleeper.fallAsleep(wake);
    const port = spec.port();
    if (port !== undefined) await hooks.letGo(spec.name, port);
    await own.leave();
  };

  const cannotSleep = (error: Error): void =>
    hooks.log.error(`${spec.name} cannot be put to sleep`, { error: error.message });

  const wake = (): void => {
    if (state.status !== 'idle' || stopping) return;
    sleeper.wakeUp();
    live(Promise.resolve(), true);
  };

  const fellAsleep = (): void => {
    void set({ status: 'idle', reason: 'starts with the first connection', ...GONE });
    if (sleeper.isWanted()) wake();
  };

  const afterFailure = (cause: EndCause, healthyMs: number | undefined): void => {
    outage.begins(cause);
    const limits = {
      attempts: timings.restart_attempts,
      cooldownMs: timings.restart_cooldown_s * 1_000,
    };
    const outcome = { failures: state.failures, failedStarts, healthyMs };
    const decision = decideRestart(outcome, limits, Math.random());
    failedStarts = decision.failedStarts;
    const paused = isPaused();
    const next = paused
      ? `automatic restarts are paused until ${pause?.until.toISOString()}`
      : `started again in ${decision.delayMs} ms`;
    void set({
      status: decision.limitReached || paused ? 'failed' : 'restarting',
      reason: `${cause.why}; ${next}`,
      failures: decision.failures,
      ...GONE,
    });
    if (decision.limitReached) {
      outage.limitReached(cause.why);
      sleeper.refuseWaiting();
    }
    if (!paused) startAgainIn(decision.delayMs);
  };

  const startAgainIn = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(again, ms);
    timer.unref();
  };

  const again = (): void => {
    if (life !== undefined || stopping) return;
    outage.attempt();
    void set({ restarts: state.restarts + 1 });
    live(Promise.resolve(), true);
  };

  const afterEnd = (own: ProcessLife, cause: EndCause): void => {
    living.delete(own);
    over.add(own);
    if (life !== own) {
      void hooks.changed();
      return;
    }
    life = undefined;
    lastSettings = own.settings ?? lastSettings;
    if (stopping) void set({ status: 'stopped', reason: 'stopped in order', ...GONE });
    else if (endExpected) void hooks.changed();
    else if (sleeper.asleep) fellAsleep();
    else afterFailure(cause, own.healthyMs());
  };

  const createLife = (child: Child): ProcessLife => {
    const own: ProcessLife = createProcessLife(spec, child, {
      identified(identity) {
        if (identity !== undefined && !over.has(own)) living.set(own, identity);
        return life === own ? set({ identity }) : hooks.changed();
      },
      waiting: (reason) => {
        if (life === own && state.restarts === 0) void set({ reason });
      },
      ready: () => sleeper.handOver(own),
      healthy: () => isHealthyNow(own),
      failing: (reason) => {
        if (life !== own) return;
        const status = own.healthyMs() === undefined ? state.status : 'unhealthy';
        void set({ status, reason, lastCheck: new Date() });
      },
      idle: (ms) => {
        const mayLeave = own.healthyMs() !== undefined && !stopping && working === 0;
        if (life === own && mayLeave && sleeper.isDue(ms))
          alone(() => toSleep(own)).catch(cannotSleep);
      },
    });
    void own.ended.then((cause) => afterEnd(own, cause));
    return own;
  };

  const live = (gate: Promise<unknown>, warm: boolean): ProcessLife | undefined => {
    let child: Child;
    try {
      child = spec.start(warm);
    } catch (error) {
      const why = `could not be started: ${(error as Error).message}`;
      afterFailure({ mode: 'process_crashed', why }, undefined);
      return undefined;
    }
    life = createLife(child);
    const status = state.restarts === 0 ? 'starting' : state.status;
    void set({ status, pid: child.pid, ...startedNow() });
    life.begin(gate);
    return life;
  };

  /** Waits for the start of a life; the pid, or a rejection with why it ended. */
  const cameUp = async (own: ProcessLife | undefined): Promise<number> => {
    const problem = own === undefined ? state.reason : await own.started;
    if (problem !== undefined) throw new Error(problem);
    return own?.child.pid ?? 0;
  };

  const becomes = (next: ProcessLife): void => {
    life = next;
    clearTimeout(timer);
    const healthy = next.healthyMs() !== undefined;
    void set({
      status: healthy ? 'healthy' : 'restarting',
      reason: healthy ? '' : 'a new process takes over',
      pid: next.child.pid,
      identity: living.get(next),
      ...startedNow(),
      restarts: state.restarts + 1,
    });
  };

  /** One replacement, restart or falling asleep at a time, each after the one before it. */
  const alone = <T>(step: () => Promise<T>): Promise<T> => {
    working += 1;
    const done = work.then(() => step()).finally(() => (working -= 1));
    work = done.catch(() => {});
    return done;
  };

  const endNow = async (why: string): Promise<void> => {
    endExpected = true;
    life?.end({ mode: 'process_crashed', why });
    await life?.ended;
    endExpected = false;
  };

  const restartNow = async (why: string): Promise<number> => {
    clearTimeout(timer);
    await endNow(why);
    if (stopping) throw new Error('the stack is being stopped');
    sleeper.wakeUp();
    void set({ status: 'restarting', reason: why, restarts: state.restarts + 1, ...GONE });
    return cameUp(live(Promise.resolve(), true));
  };

  return {
    name: spec.name,
    state: () => state,
    settings: () => (life === undefined ? lastSettings : life.settings),
    identities: () => [...living.values()],
    start(gate) {
      if (!sleeper.canSleep || spec.wasAwake === true) live(gate, false);
      else
        sleeper.fallAsleep(wake).then(fellAsleep, (error: Error) => {
          cannotSleep(error);
          live(gate, false);
        });
    },
    canSleep: sleeper.canSleep,
    startAgain(cause) {
      outage.begins(cause);
      again();
    },
    fail(cause) {
      outage.begins(cause);
      void set({ status: 'failed', reason: cause.why, failures: state.failures + 1 });
    },
    expect: (pid) => void set({ status: 'starting', reason: 'it is being taken over', pid }),
    adopt({ child, serving, restarts, startedAt, bornAt, settings }) {
      life = createLife(child);
      const own = life;
      void set({ status: 'starting', pid: child.pid, startedAt, bornAt, restarts });
      void child.identity.then((identity) => {
        if (identity !== undefined) living.set(own, identity);
        void set({ identity });
      });
      own.takeOver(serving, settings);
    },
    send: (message) => life?.send(message),
    letGo: async (port) => {
      if (life?.told) await life.calls.letGo(port, LET_GO_MS);
    },
    requests: async () => (await life?.calls.ping(REQUESTS_MS))?.requests,
    check: async () => life?.check(),
    restart: (why) => alone(() => restartNow(why)),
    replace: (why) =>
      alone(async () => {
        const old = life;
        if (old === undefined) return restartNow(why);
        if (old.healthyMs() === undefined) throw new Error(`it is not healthy: ${state.reason}`);
        hooks.log.info(`${spec.name} is replaced`, { process: spec.name, reason: why });
        return replaceLife({
          old,
          next: createLife(spec.start(false)),
          overlaps: spec.overlaps,
          current: () => life,
          isStopping: () => stopping,
          expectEnd: (on) => void (endExpected = on),
          again: () => live(Promise.resolve(), true),
          becomes,
          async letGo() {
            const port = spec.port();
            if (port !== undefined) await hooks.letGo(spec.name, port);
          },
        });
      }),
    async handsOver() {
      const wanted = sleeper.isWanted();
      sleeper.stopListening();
      if (wanted && life !== undefined) await Promise.race([life.started, delay(HAND_OVER_MS)]);
    },
    pause(next) {
      pause = next;
      if (next !== undefined) clearTimeout(timer);
      if (life !== undefined || stopping || !outage.lasts) return;
      startAgainIn(next?.leftMs() ?? 0);
    },
    resetFailures() {
      failedStarts = 0;
      void set({ failures: 0 });
      if (life === undefined && outage.lasts && !stopping && !isPaused()) startAgainIn(0);
    },
    async stop() {
      stopping = true;
      clearTimeout(timer);
      sleeper.close();
      const all = [...new Set([...living.keys(), ...(life === undefined ? [] : [life])])];
      if (all.length === 0) {
        if (state.status !== 'not_started')
          await set({ status: 'stopped', reason: 'stopped in order', ...GONE });
        return;
      }
      void set({ status: 'stopping', reason: '' });
      await Promise.all(all.map((one) => one.leave()));
    },
    killNow() {
      stopping = true;
      life?.child.kill();
      for (const one of living.keys()) one.child.kill();
    },
  };
};

const GONE = { pid: undefined, identity: undefined, startedAt: undefined, bornAt: undefined };

const startedNow = (): Pick<ProcessState, 'startedAt' | 'bornAt'> => ({
  startedAt: new Date(),
  bornAt: performance.now(),
});
