/** Every way a store refuses. `later`: the same call may succeed when repeated unchanged. */
export const storeErrorRetry = {
  STORE_LOCKED: 'later',
  WRITE_CONFLICT: 'never',
  STORE_CONSTRAINT: 'never',
  STORE_VALUE: 'never',
  STORE_SQL: 'never',
  STORE_IO: 'later',
  STORE_UNKNOWN: 'later',
  STORE_MEMORY: 'later',
  STORE_CORRUPT: 'never',
  STORE_MIGRATION: 'never',
  STORE_CLOSED: 'never',
} as const;

export type StoreErrorCode = keyof typeof storeErrorRetry;

/**
 * The one error of this package; compare `code`.
 * STORE_IO: nothing was written, the store stays usable. STORE_UNKNOWN: the connection was lost
 * before the commit was answered, the write may or may not be there: read before repeating it.
 * STORE_MEMORY: the process got no memory, nothing was written; another process can.
 */
export class StoreError extends Error {
  readonly code: StoreErrorCode;
  readonly retry: 'never' | 'later';

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'StoreError';
    this.code = code;
    this.retry = storeErrorRetry[code];
  }
}

export function isStoreError(value: unknown, code?: StoreErrorCode): value is StoreError {
  return value instanceof StoreError && (code === undefined || value.code === code);
}
