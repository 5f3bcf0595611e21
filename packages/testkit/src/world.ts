import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type Client, type Transport } from '@holdfast/client';
import {
  HoldfastError,
  kernelPrincipal,
  type Api,
  type Event,
  type Principal,
  type Profile,
} from '@holdfast/contracts';
import {
  createIds,
  createKernelHost,
  createLogger,
  dispatch,
  systemClock,
  type Clock,
  type KernelDefinition,
  type KernelHost,
  type PublishEvents,
} from '@holdfast/sdk';
import { openStore } from '@holdfast/store';
import { testProfile } from './test-profile.ts';

/** Any kernel definition, whatever its types. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyKernel = KernelDefinition<any, any, any>;

export interface WorldOptions {
  readonly kernels: readonly AnyKernel[];
  /** Stands in for kernels that are not in the world: answers their operations by name. */
  readonly doubles?: Readonly<Record<string, Readonly<Record<string, (input: never) => unknown>>>>;
  readonly profile?: Profile;
  readonly clock?: Clock;
  readonly killSwitch?: boolean;
  /** Keeps the stores of an earlier world: a restart. */
  readonly home?: string;
}

/**
 * Kernels in one process, on real stores in a temporary directory, calling each other through the same contracts and
 * checks as over HTTP. Events that reach the bus are kept in `events` (when the bus itself is not in the world).
 */
export interface World {
  readonly home: string;
  readonly events: Event[];
  client<A extends Api>(api: A, principal: Principal): Client<A>;
  host(id: string): KernelHost;
  /** Resolves with the first event, past or coming, that passes. */
  waitForEvent(pass: (event: Event) => boolean): Promise<Event>;
  /** Stops all kernels; `keep` leaves the stores for a next world. */
  close(options?: { keep?: boolean }): Promise<void>;
}

export const owner: Principal = { id: 'owner', kind: 'human', role: 'owner' };

export const createWorld = async (options: WorldOptions): Promise<World> => {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'holdfast-world-'));
  const clock = options.clock ?? systemClock;
  const hosts = new Map<string, KernelHost>();
  const events: Event[] = [];
  const seen = new Set<string>();
  let watchers: (() => void)[] = [];

  const transportFor =
    (principal: Principal): Transport =>
    async (api, name, _op, input, call) => {
      const host = hosts.get(api.kernel);
      const signal = call.signal ?? new AbortController().signal;
      if (host)
        return dispatch(host, name, structuredClone(input), {
          principal,
          signal,
          idempotencyKey: call.idempotencyKey,
        });
      const double = options.doubles?.[api.kernel]?.[name];
      if (!double) throw new HoldfastError('kernel_unavailable', { kernel: api.kernel });
      return structuredClone(await double(structuredClone(input) as never));
    };

  const publish: PublishEvents = async (batch) => {
    for (const event of batch) {
      if (seen.has(event.id)) continue;
      seen.add(event.id);
      events.push(event);
    }
    const current = watchers;
    watchers = [];
    for (const wake of current) wake();
  };

  const hasBus = options.kernels.some((kernel) => kernel.id === 'message_bus');
  for (const definition of options.kernels) {
    const host = await createKernelHost(definition, {
      profile: options.profile ?? testProfile(),
      home,
      killSwitch: options.killSwitch ?? false,
      clock,
      ids: createIds(clock),
      log: createLogger(definition.id, 'error'),
      transport: transportFor(kernelPrincipal(definition.id)),
      openStore: (migrations) =>
        openStore({ kernel: definition.id, dir: join(home, 'data'), migrations }),
      ...(hasBus ? {} : { publish }),
      gatherMs: 0,
    });
    hosts.set(definition.id, host);
  }
  for (const host of hosts.values()) host.serve();

  return {
    home,
    events,
    client: (api, principal) => createClient(api, transportFor(principal)),
    host: (id) => hosts.get(id)!,
    async waitForEvent(pass) {
      for (;;) {
        const found = events.find(pass);
        if (found) return found;
        await new Promise<void>((resolve) => watchers.push(resolve));
      }
    },
    async close({ keep = false } = {}) {
      for (const host of [...hosts.values()].toReversed()) await host.stop();
      if (!keep) rmSync(home, { recursive: true, force: true });
    },
  };
};
