import { HoldfastError } from '@holdfast/contracts';

interface PageRequest {
  readonly limit: number;
  readonly cursor?: string;
}

export interface Page<T> {
  items: T[];
  total: number;
  next_cursor: string | null;
}

/** Offset of a cursor, which is the count of items before the page. Throws cursor_invalid. */
export const offsetOf = (cursor: string | undefined): number => {
  if (cursor === undefined) return 0;
  if (!/^\d{1,9}$/.test(cursor)) throw new HoldfastError('cursor_invalid', { cursor });
  return Number(cursor);
};

export const nextCursor = (offset: number, shown: number, total: number): string | null =>
  offset + shown < total && shown > 0 ? String(offset + shown) : null;

/** One page of things that are in memory already. */
export const pageOf = <T>(all: readonly T[], request: PageRequest): Page<T> => {
  const offset = offsetOf(request.cursor);
  const items = all.slice(offset, offset + request.limit);
  return { items, total: all.length, next_cursor: nextCursor(offset, items.length, all.length) };
};
