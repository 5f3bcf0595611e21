/** An entry of the ledger holds at most 65,535 bytes with its envelope (C2SP tlog-tiles). */
const EVENT_DATA_BYTES = 48 * 1024;
/** What one list may take of that: two of them and the fields beside them fit together. */
const LIST_BYTES = 20 * 1024;

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

/** The first items, as many as fit into `limit` bytes of JSON text. */
export const firstItems = <T>(items: readonly T[], limit = LIST_BYTES): readonly T[] => {
  let bytes = 2;
  let count = 0;
  for (const item of items) {
    bytes += bytesOf(item) + 1;
    if (bytes > limit) break;
    count += 1;
  }
  return count === items.length ? items : items.slice(0, count);
};
