import { StoreError } from '../store-error.ts';
import type { Session } from './session.ts';

const table =
  'CREATE TABLE IF NOT EXISTS holdfast_writer (id BIGINT PRIMARY KEY, epoch BIGINT NOT NULL)';
const raise =
  'INSERT INTO holdfast_writer (id, epoch) VALUES (1, 1) ' +
  'ON CONFLICT (id) DO UPDATE SET epoch = holdfast_writer.epoch + 1 RETURNING epoch';

/** Counts the writers this schema has had; called with the writer's lock held. */
export async function raiseEpoch(session: Session): Promise<number> {
  await session.query(table);
  return Number((await session.query(raise)).rows[0]?.['epoch']);
}

/**
 * After a reconnect: while the connection was away its lock was free. When another writer has been
 * here since, what this process remembers is out of date and it must not write again.
 */
export async function requireEpoch(session: Session, epoch: number): Promise<void> {
  const found = Number(
    (await session.query('SELECT epoch FROM holdfast_writer')).rows[0]?.['epoch'],
  );
  if (found === epoch) return;
  throw new StoreError(
    'STORE_LOCKED',
    'another process has written while the connection was lost: restart this one',
  );
}
