import { StoreError, isStoreError } from '../store-error.ts';
import type { StoreErrorCode } from '../store-error.ts';

/** Primary result codes (low byte of the extended code), sqlite.org/rescode.html. */
const codes: Record<number, StoreErrorCode> = {
  5: 'STORE_LOCKED',
  6: 'STORE_LOCKED',
  7: 'STORE_MEMORY',
  8: 'STORE_IO',
  10: 'STORE_IO',
  11: 'STORE_CORRUPT',
  13: 'STORE_IO',
  14: 'STORE_IO',
  18: 'STORE_VALUE',
  19: 'STORE_CONSTRAINT',
  23: 'STORE_IO',
  26: 'STORE_CORRUPT',
};

/** What opening a file that is not there throws: no code, the number only in the text. */
const openFailure = /Unable to open connection.*: (\d+)/;

function resultCode(error: { rawCode?: unknown; message: string }): number {
  if (typeof error.rawCode === 'number') return error.rawCode & 0xff;
  return Number(openFailure.exec(error.message)?.[1] ?? 1);
}

export const isBusy = (error: unknown): boolean =>
  error instanceof Error && resultCode(error) === 5;

/** What the driver or the system threw, as the store's error. */
export function sqliteFailure(error: unknown, doing: string): StoreError {
  if (isStoreError(error)) return error;
  if (!(error instanceof Error)) return new StoreError('STORE_IO', `${doing}: ${String(error)}`);
  const system = (error as NodeJS.ErrnoException).syscall !== undefined;
  const code = system ? 'STORE_IO' : (codes[resultCode(error)] ?? 'STORE_SQL');
  return new StoreError(code, `${doing}: ${error.message}`, error);
}
