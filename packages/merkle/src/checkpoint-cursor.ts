import { MerkleError } from './errors.ts';
import { digestFromBytes, type Digest } from './hash.ts';
import { isTreeSize } from './tree-math.ts';

/** A checkpoint whose signature has been verified. */
export interface TrustedCheckpoint {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

export type CheckpointSource = Iterable<TrustedCheckpoint> | AsyncIterable<TrustedCheckpoint>;

export interface CheckpointCursor {
  readonly current: { readonly size: number; readonly root: Digest } | undefined;
  advance(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Walks checkpoints by size, starting before the first. An array may be in any order; other
 * sources must be sorted. `advance` throws `unsorted_checkpoints` when one is not, `bad_checkpoint`
 * or `bad_hash` for a size or root that is none.
 */
export function createCheckpointCursor(source: CheckpointSource): CheckpointCursor {
  const walk = walkBySize(source);
  let current: CheckpointCursor['current'];
  return {
    get current() {
      return current;
    },
    async advance() {
      const { done, value } = await walk.next();
      current = done === true ? undefined : value;
    },
    async close() {
      await walk.return(undefined);
    },
  };
}

async function* walkBySize(
  source: CheckpointSource,
): AsyncGenerator<{ size: number; root: Digest }, undefined> {
  const sorted = Array.isArray(source) ? source.toSorted((a, b) => a.size - b.size) : source;
  let previous = 0;
  for await (const { size, root } of sorted) {
    if (!isTreeSize(size)) {
      throw new MerkleError('bad_checkpoint', `read checkpoints: got size ${String(size)}`);
    }
    if (size < previous) {
      throw new MerkleError(
        'unsorted_checkpoints',
        `read checkpoints: size ${size} comes after ${previous}`,
      );
    }
    previous = size;
    yield { size, root: digestFromBytes(root) };
  }
  return undefined;
}
