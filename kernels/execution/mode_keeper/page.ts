import { HoldfastError } from '@holdfast/contracts';

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string;
}

/** How many items lie before the page of a cursor. Throws cursor_invalid. */
export const offsetOf = ({ cursor }: PageRequest): number => {
  if (cursor === undefined) return 0;
  if (!/^\d{1,9}$/.test(cursor)) throw new HoldfastError('cursor_invalid', { cursor });
  return Number(cursor);
};

/** One page of `total` things, of which `items` are shown from `offset` on. */
export const pageAt = <T>(items: T[], offset: number, total: number) => ({
  items,
  total,
  next_cursor:
    items.length > 0 && offset + items.length < total ? String(offset + items.length) : null,
});
