import type { Migration } from '@holdfast/store';

/**
 * `entries.body` is the exact leaf input (canonical JSON). `nodes` holds the roots of full 256-wide subtrees: level 1
 * covers 256 leaves, level 2 covers 65,536 and so on. `head` is the newest signed checkpoint with the frontier of the
 * tree; `checkpoints` is its history, thinned. `labels` is an index to search by, made from the bodies after they were
 * acknowledged; it is no part of the record and can be made again.
 */
export const logMigrations: readonly Migration[] = [
  {
    version: 10,
    name: 'ledger',
    sql: [
      `CREATE TABLE entries (
        idx {bigint} NOT NULL PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        leaf {blob} NOT NULL,
        body TEXT NOT NULL
      )`,
      `CREATE TABLE labels (
        idx {bigint} NOT NULL PRIMARY KEY,
        type TEXT NOT NULL,
        actor TEXT NOT NULL,
        subject TEXT NOT NULL,
        correlation TEXT NOT NULL
      )`,
      'CREATE INDEX labels_type ON labels (type, idx)',
      'CREATE INDEX labels_correlation ON labels (correlation, idx)',
      `CREATE TABLE nodes (
        level INTEGER NOT NULL,
        idx {bigint} NOT NULL,
        hash {blob} NOT NULL,
        PRIMARY KEY (level, idx)
      )`,
      `CREATE TABLE head (
        id INTEGER NOT NULL PRIMARY KEY,
        size {bigint} NOT NULL,
        note TEXT NOT NULL,
        frontier TEXT NOT NULL
      )`,
      `CREATE TABLE checkpoints (
        size {bigint} NOT NULL PRIMARY KEY,
        note TEXT NOT NULL
      )`,
    ],
  },
];
