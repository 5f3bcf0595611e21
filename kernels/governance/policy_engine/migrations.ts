import type { Migration } from '@holdfast/store';

/**
 * `policy_sets`: sets by checksum, staged or in force once; `parsed` is what the parser made of the files and can be made
 * again, `parsed_by` names parser and schema, `parsed_sum` is its SHA-256. `policy_runs`: the highest fence of a run.
 */
export const policyMigrations: readonly Migration[] = [
  {
    version: 10,
    name: 'policies',
    sql: [
      `CREATE TABLE policy_sets (
        checksum TEXT NOT NULL PRIMARY KEY,
        files TEXT NOT NULL,
        parsed TEXT NOT NULL,
        parsed_by TEXT NOT NULL,
        parsed_sum TEXT NOT NULL,
        statements INTEGER NOT NULL,
        staged_by TEXT NOT NULL,
        staged_at TEXT NOT NULL
      )`,
      `CREATE TABLE policy_revisions (
        revision INTEGER NOT NULL PRIMARY KEY,
        checksum TEXT NOT NULL,
        change_id TEXT,
        defaults_of TEXT,
        applied_at TEXT NOT NULL
      )`,
      `CREATE TABLE policy_runs (
        run TEXT NOT NULL PRIMARY KEY,
        fence {bigint} NOT NULL
      )`,
      `CREATE TABLE policy_steps (
        run TEXT NOT NULL,
        step TEXT NOT NULL,
        action TEXT NOT NULL,
        result TEXT NOT NULL,
        PRIMARY KEY (run, step)
      )`,
      `CREATE TABLE policy_decisions (
        seq {bigint} NOT NULL PRIMARY KEY,
        change_id TEXT NOT NULL,
        at TEXT NOT NULL,
        allowed INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        request TEXT NOT NULL
      )`,
      'CREATE INDEX policy_decisions_change ON policy_decisions (change_id, seq)',
    ],
  },
];
