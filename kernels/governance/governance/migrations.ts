import type { Migration } from '@holdfast/store';

/**
 * `changes.body` is the change as callers see it, `notes` what only the engine needs; the other columns repeat what is
 * searched for. `open_target` is the key of the target while the change holds it and null otherwise: its uniqueness is
 * what keeps two changes off one target. What budgets count by is in indexes of its own: a row carries whole plans.
 * `tripwire_case` is empty for a freeze that somebody set. A tripwire case has as `subject` who touched which rules on
 * what. Times are RFC 3339 UTC with milliseconds, so that they sort as text.
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
  {
    version: 12,
    name: 'targets',
    sql: [
      'ALTER TABLE changes RENAME COLUMN open_host TO open_target',
      "UPDATE changes SET open_target = 'host:' || open_target WHERE open_target IS NOT NULL",
      "ALTER TABLE changes ADD COLUMN author TEXT NOT NULL DEFAULT ''",
      "ALTER TABLE changes ADD COLUMN target TEXT NOT NULL DEFAULT ''",
      "ALTER TABLE changes ADD COLUMN created_at TEXT NOT NULL DEFAULT ''",
      'ALTER TABLE changes ADD COLUMN applied_at TEXT',
      'CREATE INDEX changes_created ON changes (created_at)',
      'CREATE INDEX changes_applied ON changes (target, kind, applied_at)',
    ],
  },
  {
    version: 13,
    name: 'scoped-freezes',
    sql: [
      `CREATE TABLE scoped_freezes (
        scope TEXT NOT NULL,
        reason TEXT NOT NULL,
        set_by TEXT NOT NULL,
        since TEXT NOT NULL,
        until TEXT,
        tripwire_case TEXT NOT NULL,
        PRIMARY KEY (scope, tripwire_case)
      )`,
    ],
  },
  {
    version: 14,
    name: 'signatures',
    sql: [
      `CREATE TABLE used_signatures (
        key_id TEXT NOT NULL,
        nonce TEXT NOT NULL,
        used_for TEXT NOT NULL,
        used_at TEXT NOT NULL,
        PRIMARY KEY (key_id, nonce)
      )`,
    ],
  },
  {
    version: 15,
    name: 'quorums',
    sql: [
      `CREATE TABLE quorums (
        class TEXT NOT NULL PRIMARY KEY,
        voters TEXT NOT NULL,
        k INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        changed_at TEXT NOT NULL,
        changed_by TEXT NOT NULL
      )`,
    ],
  },
  {
    version: 16,
    name: 'tripwires',
    sql: [
      `CREATE TABLE tripwire_pins (
        version INTEGER NOT NULL PRIMARY KEY,
        digest TEXT NOT NULL,
        interdictions TEXT NOT NULL,
        pinned_at TEXT NOT NULL
      )`,
      `CREATE TABLE tripwire_cases (
        seq {identity},
        id TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL,
        settled INTEGER NOT NULL,
        version INTEGER NOT NULL,
        body TEXT NOT NULL
      )`,
      'CREATE INDEX tripwire_cases_unsettled ON tripwire_cases (settled)',
    ],
  },
  {
    version: 17,
    name: 'tripwire-repeats',
    sql: [
      "ALTER TABLE tripwire_cases ADD COLUMN subject TEXT NOT NULL DEFAULT ''",
      'CREATE INDEX tripwire_cases_subject ON tripwire_cases (subject, state)',
    ],
  },
  {
    version: 18,
    name: 'counting',
    sql: [
      'ALTER TABLE changes ADD COLUMN automatic INTEGER NOT NULL DEFAULT 0',
      `UPDATE changes SET automatic = 1 WHERE notes LIKE '%"automatic":true%'`,
      'DROP INDEX changes_open',
      'DROP INDEX changes_created',
      'CREATE INDEX changes_open ON changes (open, automatic, id)',
      'CREATE INDEX changes_recent ON changes (automatic, created_at, state, author, id)',
    ],
  },
];
