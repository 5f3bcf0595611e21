import { HoldfastError, MAX_EVENT_BYTES, type Event } from '@holdfast/contracts';
import {
  digestToBytes,
  leafDigest,
  signCheckpoint,
  TILE_HEIGHT,
  type CompactRange,
  type NoteSigner,
} from '@holdfast/merkle';
import { isStoreError, type SqlValue, type Statement, type Store } from '@holdfast/store';
import { leafBody } from './entry-row.ts';
import { restoreTree } from './restore-tree.ts';

export interface Receipt {
  readonly id: string;
  readonly index: number;
  readonly leaf_hash: string;
  readonly duplicate: boolean;
}

export interface Head {
  readonly size: number;
  readonly root: Buffer;
  readonly note: string;
}

/** The append side of the log. One instance owns the tree; nothing else writes to its tables. */
export interface Ledger {
  readonly origin: string;
  /** Resolves after the entries and a checkpoint that covers them are durable. Order is that of the calls. */
  append(events: readonly Event[]): Promise<Receipt[]>;
  head(): Head;
}

interface Prepared {
  readonly event: Event;
  readonly body: string;
}

interface Pending {
  readonly entries: readonly Prepared[];
  resolve(receipts: Receipt[]): void;
  reject(error: unknown): void;
}

/** Canonical JSON may be longer than the event's own text, by its escapes. */
const MAX_ENTRY_BYTES = 2 * MAX_EVENT_BYTES;
/** A history checkpoint is kept at least this often, so that damage is located between two of them. */
const HISTORY_EVERY = 64;
const MAX_BATCH = 4096;

const INSERT_ENTRY = 'INSERT INTO entries (idx, id, leaf, body) VALUES (?, ?, ?, ?)';
const UPSERT_HEAD = `INSERT INTO head (id, size, note, frontier) VALUES (1, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET size = excluded.size, note = excluded.note, frontier = excluded.frontier`;

const canonical = (event: Event): string => {
  try {
    return leafBody(event);
  } catch (cause) {
    throw new HoldfastError('invalid_input', { detail: (cause as Error).message }, { cause });
  }
};

const prepare = (event: Event): Prepared => {
  const body = canonical(event);
  // A UTF-16 unit is at most three bytes of UTF-8: most need no counting.
  if (3 * body.length > MAX_ENTRY_BYTES) {
    const bytes = Buffer.byteLength(body);
    if (bytes > MAX_ENTRY_BYTES)
      throw new HoldfastError('entry_too_large', { bytes, limit_bytes: MAX_ENTRY_BYTES });
  }
  return { event, body };
};

export const openLedger = async (store: Store, signer: NoteSigner): Promise<Ledger> => {
  const restored = await restoreTree(store, signer);
  let { tree, lastHistory } = restored;
  const sign = ({ size }: CompactRange, root: Buffer): string =>
    signCheckpoint({ origin: signer.name, size, root }, [signer]);
  const firstRoot = tree.root();
  let head: Head = {
    size: tree.size,
    root: firstRoot,
    note: restored.note ?? sign(tree, firstRoot),
  };
  /** Set when nobody knows whether the last write was made: the tree is read again before the next one. */
  let isDoubtful = false;
  let queue: Pending[] = [];
  let busy = false;

  /** Entries that are there already, by id. Throws entry_conflict when one says something else. */
  const findKnown = async (entries: readonly Prepared[]): Promise<Map<string, Receipt>> => {
    const known = new Map<string, Receipt>();
    for (const { event, body } of entries) {
      const [row] = await store.read<{ idx: number; leaf: Uint8Array; body: string }>(
        'SELECT idx, leaf, body FROM entries WHERE id = ?',
        [event.id],
      );
      if (!row) continue;
      if (row.body !== body) throw new HoldfastError('entry_conflict', { id: event.id });
      known.set(event.id, {
        id: event.id,
        index: row.idx,
        leaf_hash: Buffer.from(row.leaf).toString('hex'),
        duplicate: true,
      });
    }
    return known;
  };

  /** Appends what is not known yet in one durable write. The tree moves only after the commit. */
  const commit = async (
    entries: readonly Prepared[],
    known: ReadonlyMap<string, Receipt>,
  ): Promise<Map<string, Receipt>> => {
    const receipts = new Map(known);
    const nodes: SqlValue[][] = [];
    const next = tree.clone((level, index, digest) => {
      if (level > 0 && level % TILE_HEIGHT === 0)
        nodes.push([level / TILE_HEIGHT, index, digestToBytes(digest)]);
    });
    const rows: SqlValue[][] = [];
    for (const { event, body } of entries) {
      if (receipts.has(event.id)) continue;
      const digest = leafDigest(body);
      const index = next.append(digest);
      const leaf = digestToBytes(digest);
      rows.push([index, event.id, leaf, body]);
      receipts.set(event.id, {
        id: event.id,
        index,
        leaf_hash: leaf.toString('hex'),
        duplicate: false,
      });
    }
    if (rows.length === 0) return receipts;
    const root = next.root();
    const note = sign(next, root);
    const history = next.size - lastHistory >= HISTORY_EVERY || lastHistory === 0;
    const statements: Statement[] = [{ sql: INSERT_ENTRY, many: rows }];
    if (nodes.length > 0)
      statements.push({
        sql: 'INSERT INTO nodes (level, idx, hash) VALUES (?, ?, ?)',
        many: nodes,
      });
    if (history)
      statements.push({
        sql: 'INSERT INTO checkpoints (size, note) VALUES (?, ?)',
        params: [next.size, note],
      });
    statements.push({ sql: UPSERT_HEAD, params: [next.size, note, JSON.stringify(next.state())] });
    await store.write(statements).catch(async (error: unknown) => {
      isDoubtful = isStoreError(error, 'STORE_UNKNOWN');
      if (isDoubtful) await readAgain().catch(() => {});
      throw error;
    });
    tree = next.clone();
    head = { size: next.size, root, note };
    if (history) lastHistory = next.size;
    return receipts;
  };

  const readAgain = async (): Promise<void> => {
    const stored = await restoreTree(store, signer);
    ({ tree, lastHistory } = stored);
    const root = tree.root();
    head = { size: tree.size, root, note: stored.note ?? sign(tree, root) };
    isDoubtful = false;
  };

  const answer = (pending: Pending, receipts: ReadonlyMap<string, Receipt>): void =>
    pending.resolve(pending.entries.map(({ event }) => receipts.get(event.id)!));

  /** The fast path takes all ids for new; when the table says otherwise, each caller is looked at by itself. */
  const flush = async (batch: readonly Pending[]): Promise<void> => {
    if (isDoubtful) await readAgain();
    const all = batch.flatMap((pending) => pending.entries);
    const distinct = new Set(all.map(({ event }) => event.id)).size === all.length;
    if (distinct) {
      try {
        const receipts = await commit(all, new Map());
        for (const pending of batch) answer(pending, receipts);
        return;
      } catch (error) {
        if (!isStoreError(error, 'STORE_CONSTRAINT')) throw error;
      }
    }
    for (const pending of batch) {
      try {
        answer(pending, await commit(pending.entries, await findKnown(pending.entries)));
      } catch (error) {
        pending.reject(error);
      }
    }
  };

  const takeBatch = (): Pending[] => {
    let size = 0;
    let count = 0;
    while (count < queue.length && (count === 0 || size < MAX_BATCH))
      size += queue[count++]!.entries.length;
    const batch = queue.slice(0, count);
    queue = queue.slice(count);
    return batch;
  };

  const drain = async (): Promise<void> => {
    busy = true;
    while (queue.length > 0) {
      const batch = takeBatch();
      await flush(batch).catch((error: unknown) => {
        for (const pending of batch) pending.reject(error);
      });
    }
    busy = false;
  };

  return {
    origin: signer.name,
    head: () => head,
    append(events) {
      return new Promise((resolve, reject) => {
        queue.push({ entries: events.map(prepare), resolve, reject });
        if (!busy) void drain();
      });
    },
  };
};
