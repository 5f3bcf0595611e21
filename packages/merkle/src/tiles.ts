import { MerkleError } from './errors.ts';

/** C2SP tlog-tiles: a tile holds eight levels, so at most 256 hashes. */
export const TILE_HEIGHT = 8;
export const TILE_WIDTH = 256;
const MAX_TILE_LEVEL = 63;

/** `width` hashes (or entries) starting at number `index * 256` of tile level `level`. */
export interface Tile {
  readonly level: number;
  readonly index: number;
  /** 1 to 256; below 256 the tile is partial. */
  readonly width: number;
}

/** `tile/<L>/<N>`, with `.p/<W>` when partial. Throws `bad_tile` for an impossible tile. */
export function tilePath(tile: Tile): string {
  if (!isIntegerWithin(tile.level, 0, MAX_TILE_LEVEL)) throw badTile(`level ${tile.level}`);
  return `tile/${tile.level}/${numberPath(tile.index, tile.width)}`;
}

/** `tile/entries/<N>`, with `.p/<W>` when partial. Throws `bad_tile` for an impossible bundle. */
export function entryBundlePath(index: number, width: number = TILE_WIDTH): string {
  return `tile/entries/${numberPath(index, width)}`;
}

/**
 * Reads a path that `tilePath` or `entryBundlePath` writes, and only those: `undefined` for every
 * other spelling. Safe to use on a request path.
 */
export function parseTilePath(
  path: string,
): { kind: 'hashes'; tile: Tile } | { kind: 'entries'; index: number; width: number } | undefined {
  const match = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  if (match === null) return undefined;
  const [, kind = '', digits = '', partial] = match;
  const index = Number(digits.replace(/[x/]/g, ''));
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  if (!Number.isSafeInteger(index) || !isIntegerWithin(width, 1, TILE_WIDTH)) return undefined;
  if (kind === 'entries') {
    return entryBundlePath(index, width) === path ? { kind, index, width } : undefined;
  }
  const tile = { level: Number(kind), index, width };
  if (tile.level > MAX_TILE_LEVEL || tilePath(tile) !== path) return undefined;
  return { kind: 'hashes', tile };
}

/** How many hashes a tile has in a tree of `size` leaves: 0 (no such tile) to 256. */
export function tileWidth(level: number, index: number, size: number): number {
  const hashesInLevel = Math.floor(size / TILE_WIDTH ** level);
  return Math.min(Math.max(hashesInLevel - index * TILE_WIDTH, 0), TILE_WIDTH);
}

function numberPath(index: number, width: number): string {
  if (!isIntegerWithin(index, 0, Number.MAX_SAFE_INTEGER)) throw badTile(`index ${index}`);
  if (!isIntegerWithin(width, 1, TILE_WIDTH)) throw badTile(`width ${width}`);
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/\d{3}/g) ?? [];
  const number = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
  return width === TILE_WIDTH ? number : `${number}.p/${width}`;
}

function isIntegerWithin(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

function badTile(what: string): MerkleError {
  return new MerkleError('bad_tile', `name a tile: ${what} is out of range`);
}
