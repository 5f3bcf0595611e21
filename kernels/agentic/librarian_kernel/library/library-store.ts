import type { DocumentKind } from '@holdfast/contracts';
import type { SqlValue, Statement, Store } from '@holdfast/store';
import { engineText } from '../search/engine-text.ts';
import { termsOf } from '../text/words.ts';
import { INDEX_VERSION, type DocumentRow, type NewDocument, type NewPassage } from './document.ts';

/** Rows and the statements that change them. Passage ids are given out here: one writer, one counter for each side. */
export interface LibraryStore {
  find(id: string): Promise<DocumentRow | undefined>;
  list(after: string, limit: number, kind?: DocumentKind): Promise<DocumentRow[]>;
  count(kind?: DocumentKind): Promise<number>;
  /** Documents of one origin, oldest position first. */
  oldest(origin: string, limit: number): Promise<DocumentRow[]>;
  countOrigin(origin: string): Promise<number>;
  /** Replaces the document of this id; resolves with what puts it there. Long texts give other work a turn. */
  put(document: NewDocument, indexedAt: string): Promise<Statement[]>;
  touch(id: string, mtimeUs: number): Statement;
  remove(ids: readonly string[]): Statement[];
}

const COLUMNS =
  'id, origin, kind, title, source, sha256, bytes, passages, mtime_us, index_version, position, indexed_at';

const UPSERT = `INSERT INTO documents (id, origin, kind, title, source, url, sha256, bytes, passages, mtime_us,
    index_version, position, indexed_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET origin = excluded.origin, kind = excluded.kind, title = excluded.title,
    source = excluded.source, url = excluded.url, sha256 = excluded.sha256, bytes = excluded.bytes,
    passages = excluded.passages, mtime_us = excluded.mtime_us, index_version = excluded.index_version,
    position = excluded.position, indexed_at = excluded.indexed_at`;

const INSERT_PASSAGE =
  'INSERT INTO passages (id, document, from_line, to_line, page, heading, body) VALUES (?, ?, ?, ?, ?, ?, ?)';

/** Passages whose words are read before other work has its turn: a millisecond or two. */
const PASSAGES_A_TURN = 50;

const marks = (values: readonly unknown[]): string => values.map(() => '?').join(', ');
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const removal = (ids: readonly string[]): Statement[] => [
  {
    sql: `DELETE FROM passage_words WHERE rowid IN (SELECT id FROM passages WHERE document IN (${marks(ids)}))`,
    params: ids,
  },
  { sql: `DELETE FROM passages WHERE document IN (${marks(ids)})`, params: ids },
];

const documentParams = (document: NewDocument, indexedAt: string): SqlValue[] => [
  document.id,
  document.origin,
  document.kind,
  document.title,
  document.source,
  document.url ?? null,
  document.sha256,
  document.bytes,
  document.passages.length,
  document.mtime_us,
  INDEX_VERSION,
  document.position,
  indexedAt,
];

export const openLibraryStore = async (store: Store): Promise<LibraryStore> => {
  const engine = engineText(store);
  const [ends] = await store.read<{ high: number | null; low: number | null }>(
    'SELECT MAX(id) AS high, MIN(id) AS low FROM passages',
  );
  let high = Math.max(0, ends?.high ?? 0);
  let low = Math.min(0, ends?.low ?? 0);
  const nextPassage = (bus: boolean): number => (bus ? (low -= 1) : (high += 1));

  const rows = async (document: NewDocument) => {
    const texts: SqlValue[][] = [];
    const words: SqlValue[][] = [];
    const title = termsOf(document.title);
    for (const [at, passage] of document.passages.entries()) {
      if (at % PASSAGES_A_TURN === PASSAGES_A_TURN - 1) await turn();
      const id = nextPassage(document.origin === 'bus');
      texts.push(passageParams(id, document.id, passage));
      words.push(engine.row(id, [...title, ...termsOf(passage.heading)], termsOf(passage.text)));
    }
    return { texts, words };
  };

  const ofKind = (kind?: DocumentKind): { sql: string; params: SqlValue[] } =>
    kind === undefined ? { sql: '', params: [] } : { sql: 'AND kind = ?', params: [kind] };

  const countWhere = async (where: string, params: SqlValue[]): Promise<number> => {
    const sql = `SELECT COUNT(*) AS count FROM documents WHERE ${where}`;
    return (await store.read<{ count: number }>(sql, params))[0]?.count ?? 0;
  };

  return {
    async find(id) {
      const sql = `SELECT ${COLUMNS} FROM documents WHERE id = ?`;
      return (await store.read<DocumentRow>(sql, [id]))[0];
    },
    list(after, limit, kind) {
      const filter = ofKind(kind);
      return store.read<DocumentRow>(
        `SELECT ${COLUMNS} FROM documents WHERE id > ? ${filter.sql} ORDER BY id LIMIT ?`,
        [after, ...filter.params, limit],
      );
    },
    count(kind) {
      const filter = ofKind(kind);
      return countWhere(`1 = 1 ${filter.sql}`, filter.params);
    },
    oldest: (origin, limit) =>
      store.read<DocumentRow>(
        `SELECT ${COLUMNS} FROM documents WHERE origin = ? ORDER BY position, id LIMIT ?`,
        [origin, limit],
      ),
    countOrigin: (origin) => countWhere('origin = ?', [origin]),
    async put(document, indexedAt) {
      const { texts, words } = await rows(document);
      return [
        ...removal([document.id]),
        { sql: UPSERT, params: documentParams(document, indexedAt) },
        ...(texts.length === 0
          ? []
          : [
              { sql: INSERT_PASSAGE, many: texts },
              { sql: engine.insert, many: words },
            ]),
      ];
    },
    touch: (id, mtimeUs) => ({
      sql: 'UPDATE documents SET mtime_us = ? WHERE id = ?',
      params: [mtimeUs, id],
    }),
    remove: (ids) => [
      ...removal(ids),
      { sql: `DELETE FROM documents WHERE id IN (${marks(ids)})`, params: ids },
    ],
  };
};

const passageParams = (id: number, document: string, passage: NewPassage): SqlValue[] => [
  id,
  document,
  passage.from_line,
  passage.to_line,
  passage.page,
  passage.heading,
  passage.text,
];
