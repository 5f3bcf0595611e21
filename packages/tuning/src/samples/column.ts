import { packNumbers, unpackAt, type PackedChunk } from './packed-chunk.ts';

const CHUNK_BITS = 16;
/** Rows of one chunk. */
export const CHUNK_ROWS = 1 << CHUNK_BITS;
const ROW_MASK = CHUNK_ROWS - 1;
/** The first chunk starts at this many rows and grows eightfold up to a whole one: most windows are short. */
const FIRST_ROWS = 1 << 4;

/** Rows that a chunk needs to hold the row at `offset` in it. */
const rowsFor = (index: number, offset: number): number => {
  if (index > 0) return CHUNK_ROWS;
  let rows = FIRST_ROWS;
  while (rows <= offset) rows *= 8;
  return rows;
};

/**
 * Numbers by row, NaN where there is none. A chunk of 65,536 rows takes memory with the first value that is put into it,
 * so a column nobody fills costs nothing; one that is full is packed where its numbers have few decimals.
 */
export interface NumberColumn {
  /** Rows come in ascending order. */
  set(row: number, value: number): void;
  get(row: number): number;
  /** Whether no row has a value. */
  isEmpty(): boolean;
}

export const createNumberColumn = (): NumberColumn => {
  const chunks: (Float64Array | PackedChunk | undefined)[] = [];
  /** The chunk that grows, its index, and its rows so far: memory that no row has reached is never touched. */
  let open: Float64Array | undefined;
  let openIndex = -1;
  let filled = 0;

  /** A new chunk at the end of the column, in the memory of the one before where that could be packed. */
  const begin = (index: number, offset: number): Float64Array => {
    open?.fill(Number.NaN, filled);
    filled = 0;
    const packed = open?.length === CHUNK_ROWS ? packNumbers(open) : undefined;
    if (open === undefined || packed === undefined) return new Float64Array(rowsFor(index, offset));
    chunks[openIndex] = packed;
    return open;
  };

  const grow = (index: number, offset: number): Float64Array => {
    if (index !== openIndex || open === undefined) return begin(index, offset);
    const chunk = new Float64Array(rowsFor(index, offset));
    chunk.set(open.subarray(0, filled));
    return chunk;
  };

  return {
    set: (row, value) => {
      const index = row >>> CHUNK_BITS;
      const offset = row & ROW_MASK;
      if (open === undefined || index !== openIndex || offset >= open.length) {
        if (Number.isNaN(value)) return;
        open = grow(index, offset);
        openIndex = index;
        chunks[index] = open;
      }
      if (offset > filled) open.fill(Number.NaN, filled, offset);
      if (offset >= filled) filled = offset + 1;
      open[offset] = value;
    },
    get: (row) => {
      const index = row >>> CHUNK_BITS;
      const chunk = chunks[index];
      if (chunk === undefined) return Number.NaN;
      const offset = row & ROW_MASK;
      if ('codes' in chunk) return unpackAt(chunk, offset);
      return index === openIndex && offset >= filled ? Number.NaN : (chunk[offset] ?? Number.NaN);
    },
    isEmpty: () => chunks.length === 0,
  };
};

/** Names by row, each kept once. A byte a row for the first 255 names, four where there are more. */
export interface NameColumn {
  set(row: number, name: string): void;
  get(row: number): string | undefined;
  /** Every name that occurs, sorted by code unit. */
  names(): string[];
}

const MOST_IN_A_BYTE = 0xff;

export const createNameColumn = (): NameColumn => {
  const chunks: (Uint8Array | Uint32Array | undefined)[] = [];
  const seen: string[] = [];
  const codes = new Map<string, number>();

  /** The chunk at `index` with room for `offset` and for `code`. */
  const grow = (index: number, offset: number, code: number): Uint8Array | Uint32Array => {
    const old = chunks[index];
    const rows = Math.max(rowsFor(index, offset), old?.length ?? 0);
    const isWide = code > MOST_IN_A_BYTE || old instanceof Uint32Array;
    const chunk = isWide ? new Uint32Array(rows) : new Uint8Array(rows);
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
      const isTooNarrow = code > MOST_IN_A_BYTE && chunk instanceof Uint8Array;
      if (chunk === undefined || offset >= chunk.length || isTooNarrow)
        chunk = grow(index, offset, code);
      chunk[offset] = code;
    },
    get: (row) => {
      const code = chunks[row >>> CHUNK_BITS]?.[row & ROW_MASK] ?? 0;
      return code === 0 ? undefined : seen[code - 1];
    },
    names: () => [...seen].sort(),
  };
};
