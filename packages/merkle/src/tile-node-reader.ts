import { MerkleError } from './errors.ts';
import { digestFromBytes, digestToBytes, HASH_BYTES, nodeDigest } from './hash.ts';
import type { GetNode } from './node-reader.ts';
import { TILE_HEIGHT, TILE_WIDTH, tileWidth, type Tile } from './tiles.ts';

/** The bytes of a tile, 32 per hash; a wider tile than asked for is accepted, less is missing. */
export type ReadTile = (tile: Tile) => Uint8Array | undefined | Promise<Uint8Array | undefined>;

/**
 * Reads tree nodes out of the tiles of a tree of `size` leaves. Each tile is read once, so make one
 * reader per proof. Throws `bad_tile` when a tile is absent or too short for the size; answers
 * `undefined` for a node that reaches beyond the tree.
 */
export function createTileNodeReader(options: { size: number; readTile: ReadTile }): GetNode {
  const { size, readTile } = options;
  const seen = new Map<string, Promise<Uint8Array>>();

  async function load(level: number, index: number): Promise<Uint8Array> {
    const width = tileWidth(level, index, size);
    const bytes = width === 0 ? undefined : await readTile({ level, index, width });
    if (bytes !== undefined && bytes.length >= width * HASH_BYTES) return bytes;
    throw new MerkleError(
      'bad_tile',
      `read tile ${index} of level ${level}: got ${bytes?.length ?? 'no'} bytes, expected ${width * HASH_BYTES}`,
    );
  }

  return async (level, index) => {
    const tileLevel = Math.floor(level / TILE_HEIGHT);
    const count = 2 ** (level % TILE_HEIGHT);
    const first = index * count;
    const tileIndex = Math.floor(first / TILE_WIDTH);
    const key = `${tileLevel}/${tileIndex}`;
    let pending = seen.get(key);
    if (pending === undefined) seen.set(key, (pending = load(tileLevel, tileIndex)));
    const start = (first % TILE_WIDTH) * HASH_BYTES;
    const end = start + count * HASH_BYTES;
    const bytes = await pending;
    return end <= bytes.length ? foldPerfect(bytes.subarray(start, end)) : undefined;
  };
}

/** Root of a power-of-two number of concatenated hashes. */
function foldPerfect(hashes: Uint8Array): Uint8Array {
  let row = [];
  for (let at = 0; at < hashes.length; at += HASH_BYTES) {
    row.push(digestFromBytes(hashes.subarray(at, at + HASH_BYTES)));
  }
  while (row.length > 1) {
    const above = [];
    for (let i = 1; i < row.length; i += 2) above.push(nodeDigest(row[i - 1]!, row[i]!));
    row = above;
  }
  return row[0] === undefined ? hashes : digestToBytes(row[0]);
}
