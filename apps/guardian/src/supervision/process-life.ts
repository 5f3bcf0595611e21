import type { Socket } from 'node:net';
import type { FromChild, ToChild } from '@holdfast/contracts';
import type { ProcessIdentity } from '@holdfast/sdk/process';
import type { Child } from './child-process.ts';
import { createChildCalls, type ChildCalls } from './child-calls.ts';
import type { EndCause, ProcessSpec } from './process-spec.ts';
import { createHealthWatch } from './health-watch.ts';

/** One life of a supervised process: from its start, or from being taken over, to its end. */
export interface ProcessLife {
  readonly child: Child;
  readonly calls: ChildCalls;
  /** It was told to start: it has something to put in order. */
  readonly told: boolean;
  /** The settings that it was told to start with; undefined before. */
  readonly settings: string | undefined;
  /** Milliseconds since it was first healthy; undefined when it never was. */
  healthyMs(): number | undefined;
  /** How the start went: `undefined` once it is healthy, else why it ended. */
  readonly started: Promise<string | undefined>;
  /** Resolves with how it ended; never rejects. */
  readonly ended: Promise<EndCause>;
  /** Sends `init` when the gate opens. */
  begin(gate: Promise<unknown>): void;
  /** It runs already, for an earlier guardian. */
  takeOver(serving: boolean, settings: string): void;
  /** Resolves when the program is loaded, before it was told to start; false when it did not load. */
  loaded(): Promise<boolean>;
  give(socket: Socket): void;
  send(message: ToChild): void;
  check(): Promise<void>;
  /** Ends it now. The first cause given is the one that is told. */
  end(cause: EndCause): void;
  /** Asks it to finish and leave, ends it when it does not. Resolves when it is gone. */
  leave(): Promise<void>;
}

export interface LifeOwner {
  /** It must be on record before it is told anything. */
  identified(identity: ProcessIdentity | undefined): Promise<void>;
  waiting(reason: string): void;
  ready(): void;
  healthy(): void;
  failing(reason: string): void;
  idle(ms: number): void;
}

const GRACE_AFTER_FAILED_MS = 1_000;

export const createProcessLife = (
  spec: ProcessSpec,
  child: Child,
  owner: LifeOwner,
): ProcessLife => {
  const { timings } = spec;
  const calls = createChildCalls(child);
  let cause: EndCause | undefined;
  let deadline: NodeJS.Timeout | undefined;
  let healthySince: number | undefined;
  let told = false;
  let settings: string | undefined;
  let over = false;
  let leaving = false;
  let reason = '';
  let start = (_: string | undefined): void => {};
  const started = new Promise<string | undefined>((resolve) => (start = resolve));

  const end = (next: EndCause): void => {
    cause ??= next;
    child.kill();
  };
  const isOver = (): boolean => over || leaving || cause !== undefined;

  const health = createHealthWatch(spec, child, calls, {
    isOver,
    healthy() {
      clearTimeout(deadline);
      healthySince ??= performance.now();
      start(undefined);
      owner.healthy();
    },
    failing(why) {
      reason = why;
      owner.failing(why);
    },
    idle: owner.idle,
    end,
  });

  const ended = child.exited.then((how): EndCause => {
    over = true;
    clearTimeout(deadline);
    health.stop();
    const final = cause ?? { mode: 'process_crashed', why: how };
    start(final.why);
    return { ...final, pid: child.pid };
  });

  const armDeadline = (): void => {
    const ms = timings.start_timeout_ms;
    deadline = setTimeout(() => {
      const why = [`not healthy ${ms} ms after its start`, reason].filter(Boolean).join(': ');
      end({ mode: 'port_not_listening', why });
    }, ms);
  };

  const answer = async (question: Extract<FromChild, { type: 'ask' }>): Promise<void> => {
    const reply = await spec.answer?.(question);
    if (reply !== undefined && !over) await child.send(reply).catch(() => {});
  };

  child.onMessage((message) => {
    if (over || calls.take(message)) return;
    if (message.type === 'ready') {
      owner.ready();
      health.begin();
    }
    if (message.type === 'failed') {
      cause ??= { mode: 'process_crashed', why: message.problems.join('; ') };
      deadline = setTimeout(() => child.kill(), GRACE_AFTER_FAILED_MS);
    }
    if (message.type === 'ask') void answer(message);
  });

  const tell = async (gate: Promise<unknown>): Promise<void> => {
    await owner.identified(await child.identity);
    if (over) return;
    if (spec.needs !== undefined) owner.waiting(`waiting for ${spec.needs}`);
    await gate;
    const { message, handle } = await spec.init();
    if (isOver()) return;
    owner.waiting('');
    armDeadline();
    told = true;
    if (message.type === 'init') settings = message.settings;
    health.beginWaiting();
    await child.send(message, handle);
  };

  return {
    child,
    calls,
    get told() {
      return told;
    },
    get settings() {
      return settings;
    },
    healthyMs: () => (healthySince === undefined ? undefined : performance.now() - healthySince),
    started,
    ended,
    begin: (gate) =>
      void tell(gate).catch((error: Error) =>
        end({ mode: 'process_crashed', why: `could not be told to start: ${error.message}` }),
      ),
    takeOver(serving, has) {
      told = true;
      settings = has;
      armDeadline();
      if (serving) health.begin();
    },
    async loaded() {
      const pong = await Promise.race([calls.ping(timings.start_timeout_ms), ended]);
      return pong !== undefined && 'type' in pong;
    },
    give: (socket) => void child.send({ type: 'connection' }, socket).catch(() => socket.destroy()),
    send: (message) => {
      if (told) child.send(message).catch(() => {});
    },
    check: async () => {
      if (healthySince !== undefined) await health.check();
    },
    end,
    async leave() {
      leaving = true;
      // One that was not told to start has nothing to put in order.
      if (told) child.send({ type: 'stop' }).catch(() => child.kill());
      else child.kill();
      const limit = setTimeout(() => child.kill(), timings.stop_timeout_ms);
      await ended;
      clearTimeout(limit);
    },
  };
};
