/** What can be asked of a kept record without reading it. */
export interface Tags {
  readonly component: string;
  readonly status: string;
}

/** The last records of a kind by id. They are kept as text, which takes a fraction of the memory of objects. */
export interface Recent<T> {
  has(id: string): boolean;
  /** Replaces a record of the same id in its place; otherwise the oldest makes room. */
  put(id: string, tags: Tags, record: T): void;
  get(id: string): T | undefined;
  /** Newest first. */
  find(
    matches: (tags: Tags) => boolean,
    limit: number,
  ): { readonly total: number; readonly found: T[] };
  /** Oldest first, as JSON. */
  texts(): IterableIterator<string>;
}

interface Kept extends Tags {
  readonly text: string;
}

export const createRecent = <T>(limit: number): Recent<T> => {
  const kept = new Map<string, Kept>();
  return {
    has: (id) => kept.has(id),
    put(id, { component, status }, record) {
      kept.set(id, { component, status, text: JSON.stringify(record) });
      if (kept.size > limit) kept.delete(kept.keys().next().value!);
    },
    get(id) {
      const text = kept.get(id)?.text;
      return text === undefined ? undefined : (JSON.parse(text) as T);
    },
    find(matches, max) {
      const all = [...kept.values()].filter(matches).toReversed();
      return {
        total: all.length,
        found: all.slice(0, max).map((one) => JSON.parse(one.text) as T),
      };
    },
    *texts() {
      for (const { text } of kept.values()) yield text;
    },
  };
};
