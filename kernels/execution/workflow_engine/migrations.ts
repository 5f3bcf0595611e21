import type { Migration } from '@holdfast/store';

/**
 * `runs.body` is the run as callers see it with what the engine needs beside it; `journal` counts its journal records
 * and guards every write. `reported` is the journal count of the last report that governance took in. A journal row of
 * kind `intent` is written before a step is handed out, one of kind `result` after it.
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
];
