import type { Migration } from '@holdfast/store';

/**
 * `runs.body` is the run as callers see it with what the engine needs beside it; `journal` counts its journal records
 * and guards every write. `reported` is the journal count of the last report that governance took in. A journal row of
 * kind `intent` is written before a step is handed out, one of kind `result` after it.
 *
 * `engine` drives the run until `lease_ms` (epoch) or longer; `fence` grows with each engine that takes it over and
 * guards every write; a journal row says with which one it was written. `lease_ms` is null once nothing is left to do, so that looking for work reads nothing else.
 */
export const migrations: readonly Migration[] = [
  {
    version: 10,
    name: 'runs',
    sql: [
      `CREATE TABLE runs (
        seq {identity},
        id TEXT NOT NULL UNIQUE,
        open INTEGER NOT NULL,
        journal INTEGER NOT NULL,
        reported INTEGER NOT NULL,
        body TEXT NOT NULL
      )`,
      'CREATE INDEX runs_open ON runs (open)',
      `CREATE TABLE journal (
        run TEXT NOT NULL,
        position INTEGER NOT NULL,
        kind TEXT NOT NULL,
        step TEXT,
        body TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (run, position)
      )`,
    ],
  },
  {
    version: 11,
    name: 'leases',
    sql: [
      "ALTER TABLE runs ADD COLUMN engine TEXT NOT NULL DEFAULT ''",
      'ALTER TABLE runs ADD COLUMN fence {bigint} NOT NULL DEFAULT 0',
      'ALTER TABLE runs ADD COLUMN lease_ms {bigint}',
      'UPDATE runs SET lease_ms = 0 WHERE open = 1 OR reported < journal',
      'CREATE INDEX runs_lease ON runs (lease_ms)',
      'ALTER TABLE journal ADD COLUMN fence {bigint} NOT NULL DEFAULT 0',
    ],
  },
];
