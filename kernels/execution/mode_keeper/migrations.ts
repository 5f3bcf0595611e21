import { fenceMigration } from '@holdfast/sdk';
import type { Migration } from '@holdfast/store';

/**
 * Records are JSON texts; times in `_ms` columns are epochs. `applied_ms`: when the patch of a step was known to be in
 * the cluster; `result`: null while the step is under way.
 */
export const modeKeeperMigrations: readonly Migration[] = [
  fenceMigration,
  {
    version: 10,
    name: 'workloads',
    sql: [
      `CREATE TABLE workloads (
        id TEXT NOT NULL PRIMARY KEY,
        spec TEXT NOT NULL,
        registered_by TEXT NOT NULL,
        registered_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        observed_at TEXT,
        change_id TEXT
      )`,
      `CREATE TABLE observations (
        workload TEXT NOT NULL,
        seq {bigint} NOT NULL,
        record TEXT NOT NULL,
        PRIMARY KEY (workload, seq)
      )`,
      `CREATE TABLE tuning_steps (
        run TEXT NOT NULL,
        step TEXT NOT NULL,
        action TEXT NOT NULL,
        started_ms {bigint} NOT NULL,
        applied_ms {bigint},
        result TEXT,
        PRIMARY KEY (run, step)
      )`,
    ],
  },
  {
    version: 11,
    name: 'changes of workloads',
    sql: [
      `CREATE TABLE workload_changes (
        workload TEXT NOT NULL,
        seq {bigint} NOT NULL,
        change_id TEXT NOT NULL,
        PRIMARY KEY (workload, change_id)
      )`,
      `INSERT INTO workload_changes (workload, seq, change_id)
        SELECT id, 1, change_id FROM workloads WHERE change_id IS NOT NULL`,
    ],
  },
];
