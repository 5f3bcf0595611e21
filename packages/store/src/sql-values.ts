import { StoreError } from './store-error.ts';
import type { SqlValue } from './store.ts';

/** A parameter as the engines take it: no booleans. */
export type BoundValue = string | number | bigint | null | Uint8Array;

const int64Limit = 2 ** 63;

function refuse(position: number, reason: string): never {
  throw new StoreError('STORE_VALUE', `parameter ${position + 1} ${reason}`);
}

/** A number between 2^53 and 2^63 has lost digits already and would be read back as another. */
function bindNumber(value: number, position: number): number {
  if (!Number.isFinite(value)) refuse(position, `is ${value}, expected a finite number`);
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < int64Limit) {
    refuse(position, 'is an integer beyond 2^53, expected a safe integer');
  }
  return value;
}

/** NUL is refused because PostgreSQL cannot hold it and SQLite's reader stops there. */
function bindString(value: string, position: number): string {
  if (value.includes('\0')) refuse(position, 'holds a NUL character, expected text without one');
  if (loneSurrogate.test(value)) refuse(position, 'is not well-formed Unicode');
  return value;
}

const loneSurrogate = /\p{Surrogate}/u;

function bindValue(value: SqlValue, position: number): BoundValue {
  switch (typeof value) {
    case 'string':
      return bindString(value, position);
    case 'number':
      return bindNumber(value, position);
    case 'boolean':
      return value ? 1 : 0;
    case 'bigint':
      if (!Number.isSafeInteger(Number(value))) {
        refuse(position, 'is an integer beyond 2^53, expected a safe integer');
      }
      return value;
    default:
      if (value === null) return null;
      if (value instanceof Uint8Array) return value;
      return refuse(position, `is ${typeof value}, expected text, number, boolean, bytes or null`);
  }
}

const none: BoundValue[] = [];

/** Checks one parameter row against its statement; throws STORE_VALUE or STORE_SQL. */
export function bindValues(params: readonly SqlValue[] | undefined, count: number): BoundValue[] {
  const given = params?.length ?? 0;
  if (given !== count) {
    throw new StoreError('STORE_SQL', `${given} parameters given, the statement has ${count}`);
  }
  if (params === undefined || given === 0) return none;
  const bound: BoundValue[] = Array(given);
  for (let at = 0; at < given; at++) bound[at] = bindValue(params[at] as SqlValue, at);
  return bound;
}
