import { createTileNodeReader, TILE_WIDTH, type GetNode, type ReadTile } from '@holdfast/merkle';
import type { Store } from '@holdfast/store';

/** Reads C2SP tiles out of the ledger's tables: level 0 from the leaves, higher levels from `nodes`. */
export const createTileSource =
  (store: Store): ReadTile =>
  async ({ level, index, width }) => {
    const first = index * TILE_WIDTH;
    const rows =
      level === 0
        ? await store.read<{ hash: Uint8Array }>(
            'SELECT leaf AS hash FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx',
            [first, first + width],
          )
        : await store.read<{ hash: Uint8Array }>(
            'SELECT hash FROM nodes WHERE level = ? AND idx >= ? AND idx < ? ORDER BY idx',
            [level, first, first + width],
          );
    return rows.length === width ? Buffer.concat(rows.map((row) => row.hash)) : undefined;
  };

export const nodeReader = (store: Store, size: number): GetNode =>
  createTileNodeReader({ size, readTile: createTileSource(store) });
