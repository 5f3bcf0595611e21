import { StoreError } from '../store-error.ts';
import type { ColumnValue } from '../store.ts';

function parseInteger(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) {
    throw new StoreError('STORE_VALUE', `integer ${text} read, expected one within 2^53`);
  }
  return number;
}

/** sum() of 64-bit integers is numeric: an integer when it has no fraction, else a float. */
function parseNumeric(text: string): number {
  return /^-?\d+$/.test(text) ? parseInteger(text) : Number(text);
}

/** bytea in its hex format: `\x` and two digits a byte. */
function parseBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'));
}

/** By type id, pg_type.dat. Whatever is not here is text. */
const parsers = new Map<number, (text: string) => ColumnValue>([
  [16, (text) => (text === 't' ? 1 : 0)],
  [17, parseBytes],
  [20, parseInteger],
  [21, Number],
  [23, Number],
  [26, Number],
  [700, Number],
  [701, Number],
  [1700, parseNumeric],
]);

const asText = (text: string): ColumnValue => text;

/** Makes PostgreSQL's columns read back as SQLite's do. */
export const columnParsers = {
  getTypeParser: (typeId: number) => parsers.get(typeId) ?? asText,
};
