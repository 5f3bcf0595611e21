import { PRIORITIES, type Event } from '@holdfast/contracts';
import { insertEvent, outboxSql, type Migration, type Statement } from '@holdfast/store';

/** Versions 1 to 9 of every kernel's migrations belong to the SDK. */
export const outboxMigration: Migration = { version: 1, name: 'outbox', sql: outboxSql };

/** The one INSERT that publishes an event, for the same write as the state that it announces. */
export const toStatement = (event: Event): Statement =>
  insertEvent({
    id: event.id,
    type: event.type,
    body: JSON.stringify(event),
    priority: PRIORITIES.length - PRIORITIES.indexOf(event.priority),
    createdAt: event.time,
  });
