import type { Migration } from '@holdfast/store';

/**
 * What a change of settings said about itself when it was proposed: `body` is a `ProposedSettings`. How it fared is in
 * `changes`. `announced`: 1 once the event of its being in force was published, 2 once that of its undo was.
 */
export const settingsMigrations: readonly Migration[] = [
  {
    version: 40,
    name: 'settings-entries',
    sql: [
      `CREATE TABLE settings_entries (
        change_id TEXT NOT NULL PRIMARY KEY,
        body TEXT NOT NULL,
        applied_by TEXT,
        announced INTEGER NOT NULL
      )`,
    ],
  },
];
