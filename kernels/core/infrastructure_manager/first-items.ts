/** Two lists and the fields beside them fit into an entry of the ledger. */
const LIST_BYTES = 20 * 1024;

/** The first items of a list in an event: as many as fit into `limit` bytes of JSON text. */
export const firstItems = <T>(items: readonly T[], limit = LIST_BYTES): readonly T[] => {
  let bytes = 2;
  const end = items.findIndex((item) => {
    bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
    return bytes > limit;
  });
  return end === -1 ? items : items.slice(0, end);
};
