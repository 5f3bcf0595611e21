import type { Migration } from '@holdfast/store';

/**
 * Passages of files and given texts have ids above zero, those of incidents and events below, so that each side can be
 * ranked without the other: the word index can tell them apart by id alone. It holds words only; texts are in `passages`.
 */
export const librarianMigrations: readonly Migration[] = [
  {
    version: 10,
    name: 'library',
    sql: [
      `CREATE TABLE documents (
        id TEXT NOT NULL PRIMARY KEY,
        origin TEXT NOT NULL,
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        source TEXT NOT NULL,
        url TEXT,
        sha256 TEXT NOT NULL,
        bytes {bigint} NOT NULL,
        passages INTEGER NOT NULL,
        mtime_us {bigint} NOT NULL,
        index_version INTEGER NOT NULL,
        position {bigint} NOT NULL,
        indexed_at TEXT NOT NULL
      )`,
      'CREATE INDEX documents_kind ON documents (kind, id)',
      'CREATE INDEX documents_origin ON documents (origin, position, id)',
      `CREATE TABLE passages (
        id {bigint} PRIMARY KEY,
        document TEXT NOT NULL,
        from_line INTEGER,
        to_line INTEGER,
        page INTEGER,
        heading TEXT NOT NULL,
        body TEXT NOT NULL
      )`,
      'CREATE INDEX passages_document ON passages (document)',
      {
        sqlite: `CREATE VIRTUAL TABLE passage_words USING
          fts5(title, body, content='', contentless_delete=1, tokenize='ascii')`,
        postgres: 'CREATE TABLE passage_words (rowid BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)',
      },
      {
        sqlite: "INSERT INTO passage_words (passage_words, rank) VALUES ('rank', 'bm25(4.0, 1.0)')",
        postgres: 'CREATE INDEX passage_words_words ON passage_words USING GIN (words)',
      },
      'CREATE TABLE collections (path TEXT NOT NULL PRIMARY KEY)',
      'CREATE TABLE exclusions (path TEXT NOT NULL PRIMARY KEY)',
    ],
  },
];
