import type { Migration } from '@holdfast/store';

export const busMigrations: readonly Migration[] = [
  {
    version: 10,
    name: 'events',
    sql: [
      `CREATE TABLE events (
        seq {identity},
        id TEXT NOT NULL UNIQUE,
        type TEXT NOT NULL,
        priority INTEGER NOT NULL,
        correlation TEXT NOT NULL,
        body TEXT NOT NULL
      )`,
      'CREATE INDEX events_lane ON events (priority, seq)',
      'CREATE INDEX events_type ON events (type, seq)',
      `CREATE TABLE cursors (
        subscription TEXT NOT NULL,
        priority INTEGER NOT NULL,
        seq {bigint} NOT NULL,
        PRIMARY KEY (subscription, priority)
      )`,
    ],
  },
];
