import { setTimeout as delay } from 'node:timers/promises';
import { StoreError } from '../store-error.ts';
import { openConnection } from './connection.ts';
import { isBusy } from './sqlite-failure.ts';

/** Held for as long as this process writes; the kernel of the OS drops it with the process. */
export interface WriterLock {
  release(): void;
}

const retryMs = 20;

/**
 * Keeps a second writer out with an exclusive transaction on an empty file beside the database, so
 * that readers of the database stay free. Waits by asking again: the driver's own waiting would
 * hold up the event loop. Rejects with STORE_LOCKED, or with what the driver throws.
 */
export async function takeWriterLock(file: string, timeoutMs: number): Promise<WriterLock> {
  const connection = openConnection(file);
  const giveUp = performance.now() + timeoutMs;
  for (;;) {
    try {
      connection.exec('BEGIN EXCLUSIVE');
      break;
    } catch (error) {
      if (isBusy(error) && performance.now() + retryMs < giveUp) {
        await delay(retryMs);
        continue;
      }
      connection.close();
      if (!isBusy(error)) throw error;
      throw new StoreError(
        'STORE_LOCKED',
        `another process writes: ${file} is held, waited ${timeoutMs} ms for it`,
      );
    }
  }
  return {
    release() {
      connection.exec('ROLLBACK');
      connection.close();
    },
  };
}
