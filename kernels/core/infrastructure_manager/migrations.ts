import { fenceMigration } from '@holdfast/sdk';
import type { Migration } from '@holdfast/store';

/** Records are JSON texts; columns beside them are what is searched or counted. Times in `_ms` columns are epochs. */
export const infrastructureMigrations: readonly Migration[] = [
  fenceMigration,
  {
    version: 10,
    name: 'hosts',
    sql: [
      `CREATE TABLE hosts (
        id TEXT NOT NULL PRIMARY KEY,
        record TEXT NOT NULL,
        public_key TEXT,
        last_seen_ms {bigint},
        metrics TEXT
      )`,
      `CREATE TABLE enrolments (
        hash TEXT NOT NULL PRIMARY KEY,
        alias TEXT,
        host TEXT,
        created_by TEXT NOT NULL,
        expires_ms {bigint} NOT NULL,
        used_ms {bigint}
      )`,
    ],
  },
  {
    version: 11,
    name: 'packages',
    sql: [
      `CREATE TABLE baselines (
        host TEXT NOT NULL PRIMARY KEY,
        record TEXT NOT NULL
      )`,
      `CREATE TABLE inventories (
        host TEXT NOT NULL,
        manager TEXT NOT NULL,
        environment TEXT NOT NULL,
        record TEXT NOT NULL,
        PRIMARY KEY (host, manager, environment)
      )`,
      `CREATE TABLE drifts (
        host TEXT NOT NULL PRIMARY KEY,
        record TEXT NOT NULL,
        published TEXT NOT NULL,
        inventory_digest TEXT NOT NULL
      )`,
      `CREATE TABLE dependencies (
        host TEXT NOT NULL,
        ord INTEGER NOT NULL,
        status TEXT NOT NULL,
        record TEXT NOT NULL,
        PRIMARY KEY (host, ord)
      )`,
    ],
  },
  {
    version: 12,
    name: 'step_tasks',
    sql: [
      `CREATE TABLE step_tasks (
        run TEXT NOT NULL,
        step TEXT NOT NULL,
        task_id TEXT NOT NULL UNIQUE,
        host TEXT NOT NULL,
        action TEXT NOT NULL,
        timeout_ms {bigint} NOT NULL,
        created_ms {bigint} NOT NULL,
        result TEXT,
        PRIMARY KEY (run, step)
      )`,
    ],
  },
];
