/** Interdictions of an older set that a newer one lacks, in the order of the older; empty when nothing was dropped. */
export const containsAll = (newer: readonly string[], older: readonly string[]): string[] => {
  const kept = new Set(newer);
  return [...new Set(older)].filter((one) => !kept.has(one));
};
