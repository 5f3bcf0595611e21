/** What a column holds. */
export type Value = string | number | null | Uint8Array;
export type Values = Value[];

const rank = (value: Value): number => {
  if (value === null) return 0;
  if (typeof value === 'number') return 1;
  return typeof value === 'string' ? 2 : 3;
};

/** The order of SQLite: nothing, numbers, texts by their characters, bytes. */
export const compare = (one: Value, other: Value): number => {
  const difference = rank(one) - rank(other);
  if (difference !== 0 || one === null || other === null) return difference;
  if (one instanceof Uint8Array) return Buffer.compare(one, other as Uint8Array);
  return one < other ? -1 : one > other ? 1 : 0;
};

/** Truth as SQL has it: neither nothing nor zero. */
export const isTrue = (value: Value): boolean => value !== null && value !== 0;

/** A text that is the same for equal values and no others, to look them up by. */
export const keyOf = (values: readonly Value[]): string => {
  const [only] = values;
  if (values.length === 1 && typeof only === 'string') return `s${only}`;
  return values
    .map((value) => {
      if (typeof value === 'string') return `s${value.length}:${value}`;
      if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('hex')}`;
      return `n${value}`;
    })
    .join('|');
};
