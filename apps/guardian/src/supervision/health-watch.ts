import { isStopped } from '@holdfast/sdk/process';
import type { Child } from './child-process.ts';
import type { ProbeResult } from './health-probe.ts';
import type { ChildCalls } from './child-calls.ts';
import type { EndCause, ProcessSpec } from './process-spec.ts';

/** Watches one process while it serves. */
export interface HealthWatch {
  /** It was told to start: until it serves, only a stop signal counts. */
  beginWaiting(): void;
  /** It says that it serves: ask its health now, and look at it from now on. */
  begin(): void;
  /** Asks `GET /health` now. */
  check(): Promise<void>;
  stop(): void;
}

interface Listener {
  isOver(): boolean;
  healthy(): void;
  failing(reason: string): void;
  idle(ms: number): void;
  end(cause: EndCause): void;
}

const PONG_MS = 1_000;
/** Twice, so that a process that a person stops for a moment is not replaced at once. */
const HELD_LIMIT = 2;

/**
 * Two kinds of looking. Each `liveness_interval_ms` a word over the private channel, which a stopped process or a blocked
 * event loop does not answer: that costs next to nothing. `GET /health` when it begins to serve, at each full sweep, and
 * again each interval once it was bad. A process is ended after `failure_threshold` probes in a row without an answer
 * (of words twice as many, they are asked for half as long), when it is held by a stop signal, or when it has answered
 * `failing` for a whole sweep interval.
 */
export const createHealthWatch = (
  spec: ProcessSpec,
  child: Child,
  calls: ChildCalls,
  listener: Listener,
): HealthWatch => {
  const { timings } = spec;
  let timer: NodeJS.Timeout | undefined;
  let held = 0;
  let silent = 0;
  let unanswered = 0;
  let failingSince: number | undefined;
  let asked = false;
  let serves = false;

  const good = (): void => {
    failingSince = undefined;
    unanswered = 0;
    listener.healthy();
  };

  const bad = (result: ProbeResult & { ok: false }): void => {
    failingSince ??= performance.now();
    unanswered = result.alive ? 0 : unanswered + 1;
    listener.failing(result.reason);
    const why = `${result.reason}, ${unanswered} times in a row`;
    if (unanswered >= timings.failure_threshold) listener.end({ mode: 'connection_timeout', why });
    else if (performance.now() - failingSince >= timings.check_interval_s * 1_000)
      listener.end({ mode: 'process_crashed', why: `failing for too long: ${result.reason}` });
  };

  const check = async (): Promise<void> => {
    asked = true;
    const result = spec.probe === undefined ? ({ ok: true } as const) : await spec.probe();
    if (listener.isOver()) return;
    if (result.ok) good();
    else bad(result);
  };

  const isHeld = async (): Promise<boolean> => {
    if (child.pid === undefined || !(await isStopped(child.pid))) {
      held = 0;
      return false;
    }
    held += 1;
    failingSince ??= performance.now();
    listener.failing('held by a stop signal');
    if (held >= HELD_LIMIT)
      listener.end({ mode: 'connection_timeout', why: 'held by a stop signal' });
    return true;
  };

  const word = async (): Promise<void> => {
    const pong = await calls.ping(PONG_MS);
    if (listener.isOver()) return;
    if (pong !== undefined) {
      silent = 0;
      listener.idle(pong.idle_ms);
      return;
    }
    silent += 1;
    const why = `no answer to ${silent} words in a row`;
    if (silent > 1) listener.failing(why);
    failingSince ??= performance.now();
    if (silent >= timings.failure_threshold * 2) listener.end({ mode: 'connection_timeout', why });
  };

  const look = async (): Promise<number> => {
    const began = performance.now();
    const interval = timings.liveness_interval_ms;
    if (await isHeld()) return interval / 2;
    if (listener.isOver()) return interval;
    await word();
    if (listener.isOver()) return interval;
    if (silent === 0 && (!asked || failingSince !== undefined)) await check();
    return Math.max(0, interval - (performance.now() - began));
  };

  const loop = async (): Promise<void> => {
    const wait = await look();
    if (!listener.isOver()) timer = setTimeout(() => void loop(), wait);
  };

  const waitForIt = async (): Promise<void> => {
    await isHeld();
    if (!listener.isOver() && !serves)
      timer = setTimeout(() => void waitForIt(), timings.liveness_interval_ms / 2);
  };

  return {
    beginWaiting: () =>
      void (timer = setTimeout(() => void waitForIt(), timings.liveness_interval_ms / 2)),
    begin() {
      serves = true;
      clearTimeout(timer);
      void check().then(() => {
        if (!listener.isOver()) timer = setTimeout(() => void loop(), timings.liveness_interval_ms);
      });
    },
    check,
    stop: () => clearTimeout(timer),
  };
};
