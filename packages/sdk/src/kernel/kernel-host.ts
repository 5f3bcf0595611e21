import { setMaxListeners } from 'node:events';
import { createClient } from '@holdfast/client';
import {
  busApi,
  HoldfastError,
  VERSION,
  kernelRow,
  type Api,
  type KernelHealth,
} from '@holdfast/contracts';
import { createEventFactory } from '../events/event-factory.ts';
import { outboxMigration, toStatement } from '../events/outbox-table.ts';
import { createOutboxRelay, publishOverBus, type OutboxRelay } from '../events/outbox-relay.ts';
import { followSubscription } from '../events/subscriber.ts';
import { describeIssues } from '../http/op-input.ts';
import { idempotencyMigration } from './idempotency.ts';
import { watchMemory, type StarvedStore } from './starved-store.ts';
import type {
  KernelContext,
  KernelDefinition,
  KernelInstance,
  NeedClients,
  Needs,
} from './define-kernel.ts';
import type { KernelEnvironment } from './kernel-environment.ts';

/** A provisioned kernel. `serve` starts its background work; `stop` undoes everything, whatever failed before. */
export interface KernelHost {
  readonly definition: KernelDefinition;
  readonly instance: KernelInstance<Api>;
  readonly signal: AbortSignal;
  health(): Promise<KernelHealth>;
  /** Why it must not be put to sleep now; undefined when it may be. */
  busy(): string | undefined;
  serve(): void;
  stop(): Promise<void>;
}

const decodeConfig = (definition: KernelDefinition, environment: KernelEnvironment): unknown => {
  const result = definition.config.schema.safeParse(
    definition.config.fromProfile(environment.profile),
  );
  if (result.success) return result.data;
  throw new HoldfastError('config_invalid', {
    kernel: definition.id,
    detail: describeIssues(result.error.issues),
  });
};

const connectNeeds = <N extends Needs>(needs: N, environment: KernelEnvironment): NeedClients<N> =>
  Object.fromEntries(
    Object.entries(needs).map(([key, api]) => [key, createClient(api, environment.transport)]),
  ) as NeedClients<N>;

const storeCheck = async ({
  store,
  starved,
}: StarvedStore): Promise<KernelHealth['checks'][number]> => {
  if (starved()) return { name: 'store', ok: false, detail: 'this process got no memory' };
  try {
    await store.read('SELECT 1 AS one');
    return { name: 'store', ok: true, detail: store.engine };
  } catch (error) {
    return {
      name: 'store',
      ok: false,
      detail: error instanceof Error ? error.message : 'unreadable',
    };
  }
};

const outboxCheck = async (relay: OutboxRelay): Promise<KernelHealth['checks'][number]> => {
  const lag = await relay.lag();
  // A full outbox is not ill: it is what keeps events safe while the bus is away.
  return { name: 'outbox', ok: true, detail: `${lag} waiting` };
};

const failedCheck = (error: unknown) => [
  { name: 'self', ok: false, detail: error instanceof Error ? error.message : 'failed' },
];

/**
 * Decode config, provision, init; on a failure at any step what was provisioned is released in reverse order.
 * Throws HoldfastError config_invalid listing every configuration problem.
 */
export const createKernelHost = async (
  definition: KernelDefinition,
  environment: KernelEnvironment,
): Promise<KernelHost> => {
  const { clock, log, ids } = environment;
  const startedAt = clock.now();
  const config = decodeConfig(definition, environment);
  const stopping = new AbortController();
  // Every call under way listens to it.
  setMaxListeners(0, stopping.signal);
  const releases: (() => Promise<void>)[] = [];
  const release = async (): Promise<void> => {
    stopping.abort();
    for (const step of releases.toReversed())
      await step().catch((error: unknown) => log.error({ err: error }, 'releasing failed'));
  };
  try {
    const opened = await environment.openStore(
      [outboxMigration, idempotencyMigration, ...definition.migrations],
      { shared: definition.sharesStore === true },
    );
    const watched = watchMemory(opened);
    const { store } = watched;
    releases.push(() => store.close());
    const bus = createClient(busApi, environment.transport);
    const { publish = publishOverBus(bus), gatherMs } = environment;
    const relay = createOutboxRelay(store, publish, clock, log, gatherMs);
    releases.push(() => relay.stop());
    const toEvent = createEventFactory(definition.id, clock, ids);
    const context: KernelContext<unknown, Needs> = {
      id: definition.id,
      config,
      profile: environment.profile,
      needs: connectNeeds(definition.needs, environment),
      store,
      async commit(statements, events = []) {
        const rows = events.map((draft) => toStatement(toEvent(draft)));
        try {
          return await store.write([...statements, ...rows]);
        } finally {
          // Also after a failure: a write whose answer was lost may have been made. What another process committed and
          // left behind goes out with the next write of this one.
          if (events.length > 0 || store.shared) relay.kick();
        }
      },
      clock,
      ids,
      log,
      home: environment.home,
      killSwitch: environment.killSwitch,
      signal: stopping.signal,
    };
    const instance = await definition.init(context);
    releases.push(async () => instance.stop?.());
    const { onEvent } = instance;
    return {
      definition,
      instance,
      signal: stopping.signal,
      async health() {
        const own = (await instance.health?.().catch(failedCheck)) ?? [];
        const checks = [
          await storeCheck(watched),
          await outboxCheck(relay).catch(() => ({
            name: 'outbox',
            ok: false,
            detail: 'unreadable',
          })),
          ...own,
        ];
        const status = checks.every((check) => check.ok) ? 'ok' : 'failing';
        const uptime_s = (clock.now() - startedAt) / 1000;
        return {
          status,
          kernel: kernelRow(definition.id).name,
          version: VERSION,
          uptime_s,
          checks,
        };
      },
      busy: () => (relay.isIdle() ? instance.busy?.() : 'events wait for the bus'),
      serve() {
        instance.start?.();
        if (!onEvent || definition.subscribes.length === 0) return;
        const types = [...definition.subscribes];
        const following = followSubscription({
          name: definition.id,
          types,
          bus,
          clock,
          log,
          signal: stopping.signal,
          onEvent: (event) => onEvent.call(instance, event),
        });
        releases.push(() => following);
      },
      stop: release,
    };
  } catch (error) {
    await release();
    throw error;
  }
};
