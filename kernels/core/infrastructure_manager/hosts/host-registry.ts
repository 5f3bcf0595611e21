import { HoldfastError, type Host, type HostMetrics } from '@holdfast/contracts';
import type { EventDraft } from '@holdfast/sdk';
import type { Statement } from '@holdfast/store';
import type { InfrastructureContext } from '../config.ts';
import { createKeyedQueue } from '../keyed-queue.ts';
import type { LevelStreak } from './host-health.ts';

/** What is durable about a host beside its last heartbeat. */
export type HostRecord = Omit<Host, 'metrics' | 'last_seen'>;

/** A host in memory. `lastSeenMs` and `metrics` are written in batches, everything else at once. */
export interface HostState {
  record: HostRecord;
  publicKey: string | undefined;
  metrics: HostMetrics | null;
  lastSeenMs: number | undefined;
  streak: LevelStreak | undefined;
  unsaved: boolean;
}

/** A durable step on a host: what is committed together with it. */
export interface HostUpdate {
  readonly record?: Partial<HostRecord>;
  readonly publicKey?: string;
  readonly statements?: readonly Statement[];
  readonly events?: readonly EventDraft[];
}

/** What only other parts know now. */
export interface LiveFacts {
  isConnected(host: string): boolean;
  isUpdating(host: string): boolean;
}

export interface HostRegistry {
  /** By id or alias. Throws host_not_found. */
  resolve(idOrAlias: string): HostState;
  find(idOrAlias: string): HostState | undefined;
  all(): HostState[];
  view(state: HostState): Host;
  /** Adds a host with all that is committed with it. Throws host_exists. */
  add(record: HostRecord, update: HostUpdate): Promise<HostState>;
  /** Changes a host: `decide` sees it as it is when its turn has come; memory follows the commit. */
  update(id: string, decide: (state: HostState) => HostUpdate | undefined): Promise<HostState>;
  /** Writes what heartbeats left unsaved. */
  saveHeartbeats(): Promise<void>;
}

const UPSERT = `INSERT INTO hosts (id, record, public_key, last_seen_ms, metrics) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET record = excluded.record, public_key = excluded.public_key,
  last_seen_ms = excluded.last_seen_ms, metrics = excluded.metrics`;

const saveStatement = (state: HostState): Statement => ({
  sql: UPSERT,
  params: [
    state.record.id,
    JSON.stringify(state.record),
    state.publicKey ?? null,
    state.lastSeenMs ?? null,
    state.metrics === null ? null : JSON.stringify(state.metrics),
  ],
});

interface HostRow {
  record: string;
  public_key: string | null;
  last_seen_ms: number | null;
  metrics: string | null;
}

const readState = (row: HostRow): HostState => ({
  record: JSON.parse(row.record) as HostRecord,
  publicKey: row.public_key ?? undefined,
  metrics: row.metrics === null ? null : (JSON.parse(row.metrics) as HostMetrics),
  lastSeenMs: row.last_seen_ms ?? undefined,
  streak: undefined,
  unsaved: false,
});

/** All hosts, in memory and in the store. Reads never wait; changes of one host happen one after the other. */
export const openHostRegistry = async (
  context: InfrastructureContext,
  live: LiveFacts,
): Promise<HostRegistry> => {
  const rows = await context.store.read<HostRow>(
    'SELECT record, public_key, last_seen_ms, metrics FROM hosts ORDER BY id',
  );
  const hosts = new Map(rows.map(readState).map((state) => [state.record.id, state]));
  const inTurn = createKeyedQueue();

  const find = (idOrAlias: string): HostState | undefined =>
    hosts.get(idOrAlias) ??
    [...hosts.values()].find((state) => state.record.aliases.includes(idOrAlias));

  const resolve = (idOrAlias: string): HostState => {
    const state = find(idOrAlias);
    if (!state) throw new HoldfastError('host_not_found', { id: idOrAlias });
    return state;
  };

  const commit = async (state: HostState, update: HostUpdate): Promise<void> => {
    const next: HostState = {
      ...state,
      record: { ...state.record, ...update.record },
      publicKey: update.publicKey ?? state.publicKey,
    };
    await context.commit([saveStatement(next), ...(update.statements ?? [])], update.events);
    state.record = next.record;
    state.publicKey = next.publicKey;
  };

  return {
    resolve,
    find,
    all: () => [...hosts.values()].toSorted((a, b) => (a.record.id < b.record.id ? -1 : 1)),
    view: (state) => ({
      ...state.record,
      agent: {
        enrolled: state.publicKey !== undefined,
        connected: live.isConnected(state.record.id),
        version: state.record.agent.version,
      },
      metrics: state.metrics,
      dependency_status: live.isUpdating(state.record.id)
        ? 'updating'
        : state.record.dependency_status,
      last_seen: state.lastSeenMs === undefined ? null : new Date(state.lastSeenMs).toISOString(),
    }),
    add: (record, update) =>
      inTurn(record.id, async () => {
        if (hosts.has(record.id)) throw new HoldfastError('host_exists', { id: record.id });
        const state: HostState = {
          record,
          publicKey: undefined,
          metrics: null,
          lastSeenMs: undefined,
          streak: undefined,
          unsaved: false,
        };
        await commit(state, update);
        hosts.set(record.id, state);
        return state;
      }),
    update: (id, decide) =>
      inTurn(id, async () => {
        const state = resolve(id);
        const update = decide(state);
        if (update) await commit(state, update);
        return state;
      }),
    async saveHeartbeats() {
      const unsaved = [...hosts.values()].filter((state) => state.unsaved);
      if (unsaved.length === 0) return;
      for (const state of unsaved) state.unsaved = false;
      const many = unsaved.map((state) => [
        state.lastSeenMs ?? null,
        state.metrics === null ? null : JSON.stringify(state.metrics),
        state.record.id,
      ]);
      await context.commit([
        { sql: 'UPDATE hosts SET last_seen_ms = ?, metrics = ? WHERE id = ?', many },
      ]);
    },
  };
};
