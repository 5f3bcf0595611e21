import {
  HoldfastError,
  MAX_EVENT_BYTES,
  PRIORITIES,
  findUnrecordable,
  type Event,
} from '@holdfast/contracts';
import { insertEvent, outboxSql, type Migration, type Statement } from '@holdfast/store';

/** Versions 1 to 9 of every kernel's migrations belong to the SDK. */
export const outboxMigration: Migration = { version: 1, name: 'outbox', sql: outboxSql };

/**
 * The one INSERT that publishes an event, for the same write as the state that it announces. Throws entry_too_large
 * or invalid_input, so that an event that the bus or the ledger would refuse is never accepted.
 */
export const toStatement = (event: Event): Statement => {
  const detail = findUnrecordable(event);
  if (detail !== undefined) throw new HoldfastError('invalid_input', { detail });
  const body = JSON.stringify(event);
  const bytes = Buffer.byteLength(body);
  if (bytes > MAX_EVENT_BYTES)
    throw new HoldfastError('entry_too_large', { bytes, limit_bytes: MAX_EVENT_BYTES });
  return insertEvent({
    id: event.id,
    type: event.type,
    body,
    priority: PRIORITIES.length - PRIORITIES.indexOf(event.priority),
    createdAt: event.time,
  });
};
