import { createCompactRange, type CompactRange } from './compact-range.ts';
import type { Digest } from './hash.ts';

/** Where a leaf hash was taken from. */
export type LeafSource = 'body' | 'stored' | 'tile';

/**
 * One tree while all sources of leaf hashes agree, one for each source after they part. A signed
 * root then tells which source is right, and that tree becomes the common one again.
 */
export interface CandidateTrees {
  /** `stored` and `tile` stand in for themselves only where they are known. */
  append(body: Digest, stored: Digest | undefined, tile: Digest | undefined): void;
  /** One leaf whose entry is missing: only the tile source, if it knows the leaf, goes on. */
  appendMissing(tile: Digest | undefined): void;
  /** False once no tree can be compared with a root any more. */
  readonly alive: boolean;
  /** The source whose tree has this root (`body` while all agree); keeps only that tree. */
  settle(root: Digest): LeafSource | undefined;
  /** Root over the bodies as long as none is missing. */
  bodyRoot(): Buffer | undefined;
}

export function createCandidateTrees(): CandidateTrees {
  let common: CompactRange | undefined = createCompactRange();
  const parted = new Map<LeafSource, CompactRange>();

  function part(): void {
    if (common === undefined) return;
    parted.set('body', common).set('stored', common.clone()).set('tile', common.clone());
    common = undefined;
  }

  return {
    get alive() {
      return common !== undefined || parted.size > 0;
    },
    append(body, stored = body, tile = stored) {
      if (common !== undefined && stored === body && tile === body) {
        common.append(body);
        return;
      }
      part();
      parted.get('body')?.append(body);
      parted.get('stored')?.append(stored);
      parted.get('tile')?.append(tile);
    },
    appendMissing(tile) {
      part();
      parted.delete('body');
      parted.delete('stored');
      if (tile === undefined) parted.delete('tile');
      else parted.get('tile')?.append(tile);
    },
    settle(root) {
      if (common !== undefined) return common.rootDigest() === root ? 'body' : undefined;
      for (const [source, tree] of parted) {
        if (tree.rootDigest() !== root) continue;
        common = tree;
        parted.clear();
        return source;
      }
      return undefined;
    },
    bodyRoot: () => (common ?? parted.get('body'))?.root(),
  };
}
