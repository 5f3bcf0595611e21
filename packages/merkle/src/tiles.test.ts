import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCompactRange } from './compact-range.ts';
import { proveConsistency, verifyConsistency } from './consistency-proof.ts';
import { decodeEntryBundle, encodeEntryBundle } from './entry-bundle.ts';
import { hashLeaf } from './hash.ts';
import { proveInclusion, verifyInclusion } from './inclusion-proof.ts';
import { numberedLeaves } from './naive-tree.fixture.ts';
import { createTileBuilder, type TileData } from './tile-builder.ts';
import { createTileNodeReader } from './tile-node-reader.ts';
import { entryBundlePath, parseTilePath, tilePath, tileWidth, type Tile } from './tiles.ts';

describe('tile paths', () => {
  it.each<[number, number, number, string]>([
    [0, 0, 256, 'tile/0/000'],
    [1, 67, 256, 'tile/1/067'],
    [0, 999, 256, 'tile/0/999'],
    [0, 1000, 256, 'tile/0/x001/000'],
    [3, 1_234_067, 256, 'tile/3/x001/x234/067'],
    [63, 1_234_067, 8, 'tile/63/x001/x234/067.p/8'],
    [0, 273, 112, 'tile/0/273.p/112'],
    [0, Number.MAX_SAFE_INTEGER, 255, 'tile/0/x009/x007/x199/x254/x740/991.p/255'],
  ])('write level %d, index %d, width %d as %s and read it back', (level, index, width, path) => {
    expect(tilePath({ level, index, width })).toBe(path);
    expect(parseTilePath(path)).toEqual({ kind: 'hashes', tile: { level, index, width } });
    const bundle = path.replace(/^tile\/\d+/, 'tile/entries');
    expect(entryBundlePath(index, width)).toBe(bundle);
    expect(parseTilePath(bundle)).toEqual({ kind: 'entries', index, width });
  });

  it.each([
    'tile/0/0',
    'tile/00/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/0/001/000',
    'tile/0/x000/001',
    'tile/0/x001',
    'tile/0/x001/x000',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/08',
    'tile/0/000.p/',
    'tile/0/000/',
    '/tile/0/000',
    'tile/0/000\n',
    'tile/0/../000',
    'tile/8/0/000',
    'tile/0/x999/x999/x999/x999/x999/999',
  ])('are not read from %j', (path) => {
    expect(parseTilePath(path)).toBeUndefined();
  });

  it.each<[string, Tile]>([
    ['a level above 63', { level: 64, index: 0, width: 1 }],
    ['a negative index', { level: 0, index: -1, width: 1 }],
    ['an index beyond 2^53', { level: 0, index: 2 ** 53, width: 1 }],
    ['no width', { level: 0, index: 0, width: 0 }],
    ['a width above 256', { level: 0, index: 0, width: 257 }],
  ])('are refused for %s', (_, tile) => {
    expect(() => tilePath(tile)).toThrow('out of range');
  });

  it('have the widths that the specification gives for 70,000 and for 256 leaves', () => {
    expect(tileWidth(0, 272, 70_000)).toBe(256);
    expect(tileWidth(0, 273, 70_000)).toBe(112);
    expect(tileWidth(0, 274, 70_000)).toBe(0);
    expect(tileWidth(1, 0, 70_000)).toBe(256);
    expect(tileWidth(1, 1, 70_000)).toBe(17);
    expect(tileWidth(2, 0, 70_000)).toBe(1);
    expect(tileWidth(3, 0, 70_000)).toBe(0);
    expect(tileWidth(0, 0, 256)).toBe(256);
    expect(tileWidth(1, 0, 256)).toBe(1);
  });
});

describe('entry bundles', () => {
  it('put a big-endian uint16 length before each entry', () => {
    const bundle = encodeEntryBundle([Buffer.from('ab'), Buffer.alloc(0), Buffer.alloc(258, 1)]);
    expect(bundle.subarray(0, 8).toString('hex')).toBe('0002616200000102');
    expect(bundle).toHaveLength(2 + 2 + 2 + 2 + 258);
  });

  it('read back to the same entries', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 256 }), (entries) => {
        const back = decodeEntryBundle(encodeEntryBundle(entries));
        expect(back).toEqual(entries.map((entry) => Buffer.from(entry)));
      }),
      { numRuns: 30 },
    );
  });

  it('hold an entry of 65,535 bytes and refuse one more, naming it', () => {
    const largest = Buffer.alloc(65_535, 3);
    expect(decodeEntryBundle(encodeEntryBundle([largest]))).toEqual([largest]);
    expect(() => encodeEntryBundle([Buffer.of(1), Buffer.alloc(65_536)])).toThrow(
      'entry 1 has 65536 bytes, at most 65535 fit',
    );
  });

  it('refuse more than 256 entries and bytes that end inside an entry', () => {
    const many = Array.from({ length: 257 }, () => Buffer.alloc(0));
    expect(() => encodeEntryBundle(many)).toThrow('got 257 entries');
    expect(() => decodeEntryBundle(Buffer.alloc(2 * 257))).toThrow('more than 256');
    expect(() => decodeEntryBundle(Buffer.of(0))).toThrow('cut in entry 0');
    expect(() => decodeEntryBundle(Buffer.of(0, 1, 9, 0, 2, 9))).toThrow('cut in entry 1');
  });
});

describe('tiles of a growing tree', () => {
  const SIZE = 66_000;
  const leaves = numberedLeaves(SIZE);

  function grow(upTo: number) {
    const full = new Map<string, Buffer>();
    const store = ({ tile, bytes }: TileData) => full.set(tilePath(tile), bytes);
    const builder = createTileBuilder(store);
    const range = createCompactRange({ onNode: builder.onNode });
    for (const leaf of leaves.slice(0, upTo)) range.append(leaf);
    return { full, builder, range };
  }

  it('give proofs that verify, reading each tile once', async () => {
    const { full, builder, range } = grow(SIZE);
    const tiles = new Map(full);
    for (const { tile, bytes } of builder.partials()) tiles.set(tilePath(tile), bytes);
    const root = range.root();
    const old = grow(40_000).range.root();
    for (const index of [0, 255, 256, 65_535, 65_536, SIZE - 1]) {
      const reads: string[] = [];
      const getNode = createTileNodeReader({
        size: SIZE,
        readTile: async (tile) => {
          reads.push(tilePath(tile));
          return tiles.get(tilePath(tile));
        },
      });
      const proof = await proveInclusion(index, SIZE, getNode);
      const leafHash = leaves[index] as Buffer;
      expect(verifyInclusion({ index, size: SIZE, leafHash, proof, root })).toBe(true);
      expect(new Set(reads).size).toBe(reads.length);
      expect(reads.length).toBeLessThanOrEqual(5);
    }
    const readTile = (tile: Tile) => tiles.get(tilePath(tile));
    const proof = await proveConsistency(
      40_000,
      SIZE,
      createTileNodeReader({ size: SIZE, readTile }),
    );
    const claim = { firstSize: 40_000, firstRoot: old, secondSize: SIZE, secondRoot: root, proof };
    expect(verifyConsistency(claim)).toBe(true);
  });

  it.each([1, 255, 256, 257, 65_535, 65_536, 65_600])(
    'are the same when the builder resumes at %d leaves',
    (at) => {
      const whole = grow(SIZE);
      const first = grow(at);
      const full = new Map(first.full);
      const builder = createTileBuilder(({ tile, bytes }) => full.set(tilePath(tile), bytes), {
        size: at,
        partials: first.builder.partials(),
      });
      const range = createCompactRange({ state: first.range.state(), onNode: builder.onNode });
      for (const leaf of leaves.slice(at)) range.append(leaf);
      expect(builder.partials()).toEqual(whole.builder.partials());
      expect(fingerprints(full)).toEqual(fingerprints(whole.full));
    },
  );

  it('cannot be resumed without the partial tiles of that size', () => {
    const { builder } = grow(300);
    const onTile = () => undefined;
    expect(() => createTileBuilder(onTile, { size: 301, partials: builder.partials() })).toThrow(
      'level 0 needs a tile 1 of 45 hashes',
    );
    expect(() => createTileBuilder(onTile, { size: 300, partials: [] })).toThrow('resume tiles');
  });

  it('refuse a node out of sequence', () => {
    const { builder } = grow(3);
    expect(() => builder.onNode(0, 4, '' as never)).toThrow('got position 4, expected 3');
  });

  it('are reported missing or short rather than proved from', async () => {
    const { builder } = grow(300);
    const partial = builder.partials()[0] as TileData;
    const short = createTileNodeReader({
      size: 300,
      readTile: () => partial.bytes.subarray(0, -1),
    });
    await expect(proveInclusion(299, 300, short)).rejects.toMatchObject({ code: 'bad_tile' });
    const absent = createTileNodeReader({ size: 300, readTile: () => undefined });
    await expect(proveInclusion(299, 300, absent)).rejects.toMatchObject({ code: 'bad_tile' });
    const beyond = createTileNodeReader({ size: 3, readTile: () => Buffer.alloc(96) });
    expect(await beyond(1, 1)).toBeUndefined();
    expect(await beyond(0, 2)).toHaveLength(32);
  });
});

/** Comparing digests of tiles is much faster than comparing tiles. */
function fingerprints(tiles: ReadonlyMap<string, Buffer>): string[] {
  return [...tiles].map(([path, bytes]) => `${path} ${hashLeaf(bytes).toString('hex')}`);
}
