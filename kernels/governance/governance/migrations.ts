import type { Migration } from '@holdfast/store';

/**
 * `changes.body` is the change as callers see it, `notes` what only the engine needs; the other columns repeat what is
 * searched for. `open_host` is the host while the change holds it and null otherwise: its uniqueness is what keeps two
 * changes off one host.
 */
export const migrations: readonly Migration[] = [
  {
    version: 10,
    name: 'changes',
    sql: [
      `CREATE TABLE changes (
        seq {identity},
        id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        state TEXT NOT NULL,
        open INTEGER NOT NULL,
        host TEXT NOT NULL,
        asked_host TEXT NOT NULL,
        open_host TEXT UNIQUE,
        version INTEGER NOT NULL,
        body TEXT NOT NULL,
        notes TEXT NOT NULL
      )`,
      'CREATE INDEX changes_open ON changes (open)',
      'CREATE INDEX changes_host ON changes (host)',
    ],
  },
  {
    version: 11,
    name: 'kill-switch',
    sql: [
      `CREATE TABLE kill_switch (
        id INTEGER PRIMARY KEY,
        reason TEXT NOT NULL,
        set_by TEXT NOT NULL,
        since TEXT NOT NULL
      )`,
    ],
  },
];
