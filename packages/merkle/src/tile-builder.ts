import type { NodeSink } from './compact-range.ts';
import { MerkleError } from './errors.ts';
import { digestFromBytes, HASH_BYTES, type Digest } from './hash.ts';
import { TILE_HEIGHT, TILE_WIDTH, tileWidth, type Tile } from './tiles.ts';

/** A tile and its content: `width` hashes of 32 bytes, one after the other. */
export interface TileData {
  readonly tile: Tile;
  readonly bytes: Buffer;
}

export interface TileBuilder {
  /** Give this to a compact range as its node sink. Throws `bad_tile` when a position is skipped. */
  readonly onNode: NodeSink;
  /** The partial tiles of the current size, lowest level first; none is empty. */
  partials(): TileData[];
}

/**
 * Gathers completed nodes into C2SP tiles; `onTile` receives each tile the moment it is full.
 * To resume a tree of `size` leaves, give the partial tiles of that size; throws `bad_tile` when
 * one is missing or is not as wide as the size says.
 */
export function createTileBuilder(
  onTile: (tile: TileData) => void,
  resume: { size: number; partials: readonly TileData[] } = { size: 0, partials: [] },
): TileBuilder {
  const levels = resumeLevels(resume.size, resume.partials);

  return {
    onNode(level, index, digest) {
      if (level % TILE_HEIGHT !== 0) return;
      const tileLevel = level / TILE_HEIGHT;
      const open = (levels[tileLevel] ??= { index: 0, digests: [] });
      const expected = open.index * TILE_WIDTH + open.digests.length;
      if (index !== expected) {
        throw new MerkleError(
          'bad_tile',
          `add a hash to tile level ${tileLevel}: got position ${index}, expected ${expected}`,
        );
      }
      open.digests.push(digest);
      if (open.digests.length === TILE_WIDTH) {
        onTile(tileData(tileLevel, open));
        levels[tileLevel] = { index: open.index + 1, digests: [] };
      }
    },
    partials: () =>
      levels.flatMap((open, level) => (open.digests.length > 0 ? [tileData(level, open)] : [])),
  };
}

interface OpenTile {
  index: number;
  digests: Digest[];
}

function tileData(level: number, { index, digests }: OpenTile): TileData {
  return {
    tile: { level, index, width: digests.length },
    bytes: Buffer.from(digests.join(''), 'latin1'),
  };
}

function resumeLevels(size: number, partials: readonly TileData[]): OpenTile[] {
  const levels: OpenTile[] = [];
  for (let level = 0; Math.floor(size / TILE_WIDTH ** level) > 0; level++) {
    const index = Math.floor(size / TILE_WIDTH ** (level + 1));
    const width = tileWidth(level, index, size);
    const bytes = partials.find(({ tile }) => tile.level === level && tile.index === index)?.bytes;
    if ((bytes?.length ?? 0) !== width * HASH_BYTES) {
      throw new MerkleError(
        'bad_tile',
        `resume tiles at size ${size}: level ${level} needs a tile ${index} of ${width} hashes`,
      );
    }
    const digests: Digest[] = [];
    for (let i = 0; bytes !== undefined && i < width; i++) {
      digests.push(digestFromBytes(bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)));
    }
    levels.push({ index, digests });
  }
  return levels;
}
