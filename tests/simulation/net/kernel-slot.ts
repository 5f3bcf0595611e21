import { kernelPrincipal, type Profile } from '@holdfast/contracts';
import { createKernelHost, dispatch, type KernelDefinition, type Logger } from '@holdfast/sdk';
import { isHoldfastError } from '@holdfast/contracts';
import { isStoreError, type Statement } from '@holdfast/store';
import type { Draws } from '../core/draws.ts';
import { createLife, type Life, type Weather } from '../core/life.ts';
import type { Scheduler } from '../core/scheduler.ts';
import type { Rows } from '../store/rows.ts';
import { createSimStore } from '../store/sim-store.ts';
import type { Server, Wire } from './wire.ts';

/** Any kernel definition, whatever its types. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyKernel = KernelDefinition<any, any, any>;

export interface KernelSlotOptions {
  readonly definition: AnyKernel;
  /** Its name in traces and faults: two processes of one kernel have two. */
  readonly name: string;
  readonly rows: Rows;
  readonly scheduler: Scheduler;
  readonly draws: Draws;
  readonly weather: Weather;
  readonly profile: Profile;
  readonly longestPauseMs: number;
  /** How far its clock is ahead of the others. */
  readonly clockAheadMs: number;
  /** Another process has its store open too. */
  readonly shared: boolean;
  wire(): Wire;
  newId(prefix: string): string;
  onWritten(statements: readonly Statement[]): void;
  onUnexpected(where: string, error: unknown): void;
  trace?: ((words: string) => void) | undefined;
}

/** A place where a kernel runs, and is started again whenever it ended. */
export interface KernelSlot {
  readonly name: string;
  current(): Server | undefined;
}

const RESTART_MS = 1_500;

const isForeseen = (error: unknown): boolean =>
  isHoldfastError(error) || (isStoreError(error) && error.code !== 'STORE_SQL');

const createSimLogger = ({ name, onUnexpected, trace }: KernelSlotOptions): Logger => {
  const say = (first: unknown, message?: string): void => {
    const words = typeof first === 'string' ? first : message;
    const { err } = (typeof first === 'object' ? first : {}) as {
      err?: unknown;
    };
    trace?.(`log ${name}: ${words} ${err instanceof Error ? err.message : ''}`);
    if (err !== undefined && !isForeseen(err)) onUnexpected(`${name}: ${words}`, err);
  };
  const quiet = (): void => {};
  return {
    debug: quiet,
    info: quiet,
    warn: say,
    error: say,
    fatal: say,
    isLevelEnabled: () => true,
  };
};

export const createKernelSlot = (options: KernelSlotOptions): KernelSlot => {
  const { definition, name, scheduler, draws, weather } = options;
  const restarts = draws.site(`restart ${name}`);
  const log = createSimLogger(options);
  let server: Server | undefined;

  const environment = (life: Life) => {
    const { rows, onWritten } = options;
    return {
      profile: options.profile,
      home: `/sim/${name}`,
      killSwitch: false,
      clock: life.clock,
      ids: options.newId,
      log,
      transport: options.wire().transport(life, kernelPrincipal(definition.id)),
      openStore: async (_: unknown, { shared }: { readonly shared: boolean }) =>
        createSimStore({
          rows,
          life,
          scheduler,
          draws,
          weather,
          shared: shared && options.shared,
          onWritten,
        }),
    };
  };

  const start = (): void => {
    const { longestPauseMs, clockAheadMs } = options;
    const life = createLife({
      name,
      scheduler,
      draws,
      weather,
      longestPauseMs,
      clockAheadMs,
      mortal: true,
    });
    options.trace?.(`start ${name}`);
    life.onEnd(() => {
      options.trace?.(`end ${name}`);
      scheduler.after(restarts.draw() ** 3 * RESTART_MS, undefined, `restart ${name}`, start);
    });
    const host = createKernelHost(definition, environment(life));
    const own: Server = {
      life,
      ready: false,
      async answer({ name: op, input, ...call }) {
        return dispatch(await host, op, input, call);
      },
    };
    server = own;
    host.then(
      (started) => {
        if (!life.alive) return;
        own.ready = true;
        started.serve();
      },
      (error: unknown) => {
        if (!isForeseen(error)) options.onUnexpected(`start of ${name}`, error);
        life.end();
      },
    );
  };
  start();
  return { name, current: () => server };
};
