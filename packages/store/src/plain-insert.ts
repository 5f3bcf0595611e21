import type { StatementText } from './statement-text.ts';

/** `INSERT INTO t (...) VALUES (?, ?)` and nothing after it: its rows can share one statement. */
const plainInsert =
  /^(\s*INSERT\s+INTO\s+[\w"]+\s*\([\w\s,"]+\)\s*VALUES\s*)\((?:\s*\?\s*,)*\s*\?\s*\)\s*$/i;

const heads = new WeakMap<StatementText, string | undefined>();

/** The text up to the first row of values; undefined when the statement is anything else. */
export function insertHead(text: StatementText): string | undefined {
  if (!heads.has(text)) heads.set(text, plainInsert.exec(text.sql)?.[1]);
  return heads.get(text);
}

/** What an engine can take in one statement. */
export interface JoinLimits {
  maxRows: number;
  maxParams: number;
}

/**
 * How many of `count` rows to put into the next statement: a power of two, so that an engine has
 * few texts to prepare.
 */
export function chunkSize(count: number, columns: number, limits: JoinLimits): number {
  let size = 1;
  while (size * 2 <= count && size < limits.maxRows && size * 2 * columns <= limits.maxParams)
    size *= 2;
  return size;
}
