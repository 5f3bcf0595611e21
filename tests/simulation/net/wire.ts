import type { Transport } from '@holdfast/client';
import { HoldfastError, isHoldfastError, type Problem, type Principal } from '@holdfast/contracts';
import { isStoreError } from '@holdfast/store';
import type { Draws } from '../core/draws.ts';
import { asSent } from '../core/shared-json.ts';
import { never, type Life, type Weather } from '../core/life.ts';
import type { Scheduler } from '../core/scheduler.ts';

/** One call as it arrives at a server. */
export interface Incoming {
  readonly name: string;
  readonly input: unknown;
  readonly principal: Principal;
  readonly idempotencyKey: string | undefined;
  /** Aborts when the caller went away. */
  readonly signal: AbortSignal;
}

/** Whoever answers calls for a kernel now. `ready` turns true when it serves. */
export interface Server {
  readonly life: Life;
  ready: boolean;
  answer(call: Incoming): Promise<unknown>;
}

export interface Wire {
  /** A transport for calls that this life makes as this principal. */
  transport(life: Life, principal: Principal): Transport;
}

export interface WireOptions {
  readonly scheduler: Scheduler;
  readonly draws: Draws;
  readonly weather: Weather;
  /** The process that a call for this kernel reaches now; undefined while there is none. */
  find(kernel: string): Server | undefined;
  /** Told the failures that no contract foresees. */
  onUnexpected(kernel: string, name: string, error: unknown): void;
  /** Told each call when it is sent. */
  onCall(kernel: string, name: string, input: unknown): void;
  trace?: ((words: string) => void) | undefined;
}

const HOP_MS = 0.6;
const EVENT_KERNELS = ['message_bus', 'immutable_log'];
const DELAY_MS = 20_000;
const DEFAULT_TIMEOUT_MS = 30_000;
/** How long a connection waits for a process that is being started before it is refused. */
const BACKLOG_MS = 400;
/** How long after its caller is gone a server may learn of it. */
const HANGUP_MS = 30;

/** As an answer travels: what HTTP makes of a result or a failure. */
type Answer = { readonly value: unknown } | { readonly problem: Partial<Problem> };

/**
 * Carries calls between processes: with delay, lost requests, answers lost after the effect, requests that arrive twice,
 * and all of them in any order. Values arrive as JSON would carry them.
 */
export const createWire = (options: WireOptions): Wire => {
  const { scheduler, draws, weather, find } = options;
  const hops = draws.site('hop');
  const lostRequests = draws.site('lost request');
  const lostAnswers = draws.site('lost answer');
  const twice = draws.site('twice');
  const late = draws.site('late');

  // Where events travel slowly, more of them travel together.
  const eventFactor = draws.site('distance').pick([1, 8, 30]);
  const hop = (kernel: string): number =>
    HOP_MS * (EVENT_KERNELS.includes(kernel) ? eventFactor : 1) * (0.1 + hops.draw()) +
    (late.strike(weather.delay) ? late.draw() ** 3 * DELAY_MS : 0);

  const toAnswer = (kernel: string, name: string, error: unknown): Answer => {
    if (isHoldfastError(error)) return { problem: error.toProblem() };
    if (isStoreError(error) && error.retry === 'later')
      return {
        problem: new HoldfastError('store_unavailable', {
          detail: error.code,
        }).toProblem(),
      };
    options.onUnexpected(kernel, name, error);
    return {
      problem: new HoldfastError('internal', {
        error_id: 'simulated',
      }).toProblem(),
    };
  };

  const serve = (
    server: Server,
    kernel: string,
    call: Incoming,
    deliver: (answer: Answer) => void,
  ): void => {
    server
      .answer(call)
      .then(
        (value): Answer => ({ value: asSent(value) }),
        (error: unknown) => toAnswer(kernel, call.name, error),
      )
      .then(
        (answer) => {
          if (server.life.alive) deliver(answer);
        },
        (error: unknown) => options.onUnexpected(kernel, call.name, error),
      );
  };

  return {
    transport(life, principal) {
      return (
        api,
        name,
        _op,
        input,
        { signal, timeoutMs = DEFAULT_TIMEOUT_MS, idempotencyKey },
      ) => {
        const { kernel } = api;
        if (!life.beforeIo(HOP_MS)) return never();
        const sent = asSent(input ?? {});
        options.onCall(kernel, name, input);
        options.trace?.(`call ${life.name} > ${kernel}.${name} ${JSON.stringify(sent)}`);

        return new Promise((resolve, reject) => {
          const hangUp = new AbortController();
          const watching: (() => void)[] = [];
          let isOver = false;
          const settle = (finish: () => void): void => {
            if (isOver) return;
            isOver = true;
            timer.cancel();
            signal?.removeEventListener('abort', cancel);
            for (const forget of watching) forget();
            finish();
          };
          const gone = (): void => {
            scheduler.after(HANGUP_MS * hops.draw(), undefined, 'hang up', () => hangUp.abort());
          };
          const fail = (code: 'kernel_unavailable' | 'kernel_timeout'): void =>
            settle(() => {
              options.trace?.(`fail ${life.name} > ${kernel}.${name} ${code}`);
              gone();
              reject(new HoldfastError(code, { kernel, timeout_ms: timeoutMs }));
            });
          const cancel = (): void => fail('kernel_unavailable');
          const timer = scheduler.after(timeoutMs, life, 'call timeout', () =>
            fail('kernel_timeout'),
          );
          const refuse = (): void => {
            scheduler.after(hop(kernel), life, 'refused', () => fail('kernel_unavailable'));
          };
          watching.push(life.onEnd(gone));
          signal?.addEventListener('abort', cancel, { once: true });
          if (signal?.aborted) return cancel();

          const deliver = (answer: Answer): void => {
            if (lostAnswers.strike(weather.lose)) return refuse();
            scheduler.after(hop(kernel), life, 'answer', () =>
              settle(() => {
                options.trace?.(`done ${life.name} > ${kernel}.${name} ${JSON.stringify(answer)}`);
                if ('value' in answer) resolve(answer.value);
                else reject(HoldfastError.fromProblem(answer.problem));
              }),
            );
          };
          const call = {
            name,
            input: sent,
            principal,
            idempotencyKey,
            signal: hangUp.signal,
          };
          const arrive = (answered: (answer: Answer) => void, until: number): void => {
            const server = find(kernel);
            if (!server?.life.alive || !server.ready) {
              if (scheduler.now() >= until) return refuse();
              scheduler.after(20 + 40 * hops.draw(), undefined, 'backlog', () =>
                arrive(answered, until),
              );
              return;
            }
            // The process may be paused: then it takes the call when it wakes up, unless it ends before.
            if (!isOver) watching.push(server.life.onEnd(refuse));
            scheduler.after(0, server.life, `arrive ${name}`, () =>
              serve(server, kernel, call, answered),
            );
          };
          const send = (answered: (answer: Answer) => void): void => {
            scheduler.after(hop(kernel), undefined, `send ${name}`, () =>
              arrive(answered, scheduler.now() + BACKLOG_MS),
            );
          };
          if (lostRequests.strike(weather.lose)) return refuse();
          send(deliver);
          const isRepeatable = principal.role === 'kernel' || idempotencyKey !== undefined;
          if (isRepeatable && twice.strike(weather.duplicate)) send(() => {});
        });
      };
    },
  };
};
