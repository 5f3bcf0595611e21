const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
};

/** JSON with sorted keys and an indent of two: the text of every artifact. */
export const prettyJson = (value: unknown): string => `${JSON.stringify(sorted(value), null, 2)}\n`;

/** JSON on one line, keys sorted: a line of the decision trace. */
export const compactJson = (value: unknown): string => JSON.stringify(sorted(value));
