const CHUNK_BITS = 16;
/** Rows of one chunk. */
export const CHUNK_ROWS = 1 << CHUNK_BITS;
const ROW_MASK = CHUNK_ROWS - 1;
/** The first chunk starts at this many rows and grows eightfold: most windows are short. */
const FIRST_ROWS = 1 << 10;

/** Rows that a chunk needs to hold the row at `offset` in it. */
const rowsFor = (index: number, offset: number): number => {
  if (index > 0) return CHUNK_ROWS;
  let rows = FIRST_ROWS;
  while (rows <= offset) rows *= 8;
  return rows;
};

/**
 * Numbers by row, NaN where there is none. A chunk of 65,536 rows takes memory with the first value that is put into it,
 * so a column nobody fills costs nothing.
 */
export interface NumberColumn {
  set(row: number, value: number): void;
  get(row: number): number;
  /** Whether no row has a value. */
  isEmpty(): boolean;
}

export const createNumberColumn = (): NumberColumn => {
  const chunks: (Float64Array | undefined)[] = [];

  const grow = (index: number, offset: number): Float64Array => {
    const old = chunks[index];
    const chunk = new Float64Array(rowsFor(index, offset)).fill(Number.NaN, old?.length ?? 0);
    if (old !== undefined) chunk.set(old);
    chunks[index] = chunk;
    return chunk;
  };

  return {
    set: (row, value) => {
      const index = row >>> CHUNK_BITS;
      const offset = row & ROW_MASK;
      let chunk = chunks[index];
      if (chunk === undefined || offset >= chunk.length) {
        if (Number.isNaN(value)) return;
        chunk = grow(index, offset);
      }
      chunk[offset] = value;
    },
    get: (row) => chunks[row >>> CHUNK_BITS]?.[row & ROW_MASK] ?? Number.NaN,
    isEmpty: () => chunks.length === 0,
  };
};

/** Names by row, each kept once. Memory as in a number column, half of it a row. */
export interface NameColumn {
  set(row: number, name: string): void;
  get(row: number): string | undefined;
  /** Every name that occurs, sorted by code unit. */
  names(): string[];
}

export const createNameColumn = (): NameColumn => {
  const chunks: (Uint32Array | undefined)[] = [];
  const seen: string[] = [];
  const codes = new Map<string, number>();

  const grow = (index: number, offset: number): Uint32Array => {
    const chunk = new Uint32Array(rowsFor(index, offset));
    const old = chunks[index];
    if (old !== undefined) chunk.set(old);
    chunks[index] = chunk;
    return chunk;
  };

  return {
    set: (row, name) => {
      let code = codes.get(name);
      if (code === undefined) {
        code = seen.push(name);
        codes.set(name, code);
      }
      const index = row >>> CHUNK_BITS;
      const offset = row & ROW_MASK;
      let chunk = chunks[index];
      if (chunk === undefined || offset >= chunk.length) chunk = grow(index, offset);
      chunk[offset] = code;
    },
    get: (row) => {
      const code = chunks[row >>> CHUNK_BITS]?.[row & ROW_MASK] ?? 0;
      return code === 0 ? undefined : seen[code - 1];
    },
    names: () => [...seen].sort(),
  };
};
