import { digestFromBytes, HASH_BYTES, type Digest } from './hash.ts';
import { TILE_WIDTH } from './tiles.ts';

/** The level-0 tile number `index`: up to 256 leaf hashes of 32 bytes, or nothing. */
export type ReadLeafTile = (
  index: number,
) => Uint8Array | undefined | Promise<Uint8Array | undefined>;

export interface LeafTiles {
  /** Makes the tile of this leaf the current one. */
  load(leaf: number): Promise<void>;
  /** The first leaf beyond the current tile; until there `at` needs no `load`. */
  readonly end: number;
  /** Hash of a leaf of the current tile; `undefined` when the tile does not have it. */
  at(leaf: number): Digest | undefined;
}

/** One tile at a time, read in order. Without a reader it has no hashes and never needs loading. */
export function createLeafTiles(readTile: ReadLeafTile | undefined): LeafTiles {
  let start = 0;
  let end = readTile === undefined ? Infinity : 0;
  let bytes: Uint8Array | undefined;
  return {
    get end() {
      return end;
    },
    async load(leaf) {
      if (readTile === undefined || (leaf >= start && leaf < end)) return;
      const index = Math.floor(leaf / TILE_WIDTH);
      bytes = await readTile(index);
      start = index * TILE_WIDTH;
      end = start + TILE_WIDTH;
    },
    at(leaf) {
      const from = (leaf - start) * HASH_BYTES;
      if (bytes === undefined || from < 0 || from + HASH_BYTES > bytes.length) return undefined;
      return digestFromBytes(bytes.subarray(from, from + HASH_BYTES));
    },
  };
}
