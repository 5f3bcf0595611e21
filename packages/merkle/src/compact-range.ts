import { MerkleError } from './errors.ts';
import {
  digestFromBytes,
  digestToBytes,
  EMPTY_ROOT,
  HASH_BYTES,
  nodeDigest,
  type Digest,
} from './hash.ts';
import { half, isOdd, isTreeSize, perfectSubtreeCount } from './tree-math.ts';

/** What must be kept to go on appending: the roots of the perfect subtrees, largest first, in hex. */
export interface CompactRangeState {
  readonly size: number;
  readonly hashes: readonly string[];
}

/** Called for every node whose subtree just became complete, leaves (level 0) included. */
export type NodeSink = (level: number, index: number, digest: Digest) => void;

export interface CompactRange {
  readonly size: number;
  /**
   * Appends one leaf hash and returns its index. All or nothing: when the node sink throws, the
   * range is as it was. Throws `bad_hash` for anything but 32 bytes, `bad_range` when full.
   */
  append(leafHash: Digest | Uint8Array): number;
  /** Root of the current size (RFC 9162 section 2.1.1), 32 bytes. */
  root(): Buffer;
  rootDigest(): Digest;
  state(): CompactRangeState;
  /** An independent copy, without the node sink unless one is given. */
  clone(onNode?: NodeSink): CompactRange;
}

/**
 * An append-only Merkle tree that remembers O(log n) hashes. Give `state` to resume where a
 * previous range stopped; throws `bad_state` when it is not one that `state()` returned.
 */
export function createCompactRange(
  options: { state?: CompactRangeState; onNode?: NodeSink } = {},
): CompactRange {
  const { size, stack } = options.state ? readState(options.state) : { size: 0, stack: [] };
  return build(size, stack, options.onNode);
}

function build(initialSize: number, stack: Digest[], onNode: NodeSink | undefined): CompactRange {
  let size = initialSize;

  function rootDigest(): Digest {
    let root = stack.at(-1);
    if (root === undefined) return EMPTY_ROOT;
    for (let i = stack.length - 2; i >= 0; i--) root = nodeDigest(stack[i] as Digest, root);
    return root;
  }

  return {
    get size() {
      return size;
    },
    append(leafHash) {
      if (size === Number.MAX_SAFE_INTEGER) {
        throw new MerkleError('bad_range', `append a leaf: the tree is full at ${size} leaves`);
      }
      let digest = toDigest(leafHash);
      let index = size;
      let level = 0;
      let top = stack.length;
      onNode?.(level, index, digest);
      while (isOdd(index)) {
        digest = nodeDigest(stack[--top] as Digest, digest);
        index = half(index);
        onNode?.(++level, index, digest);
      }
      stack.length = top;
      stack.push(digest);
      return size++;
    },
    root: () => digestToBytes(rootDigest()),
    rootDigest,
    state: () => ({ size, hashes: stack.map((digest) => digestToBytes(digest).toString('hex')) }),
    clone: (sink) => build(size, [...stack], sink),
  };
}

function toDigest(leafHash: Digest | Uint8Array): Digest {
  if (typeof leafHash !== 'string') return digestFromBytes(leafHash);
  if (leafHash.length === HASH_BYTES) return leafHash;
  throw new MerkleError('bad_hash', `append a leaf: got a digest of ${leafHash.length} bytes`);
}

function readState(state: CompactRangeState): { size: number; stack: Digest[] } {
  const { size, hashes } = state;
  if (!isTreeSize(size)) throw badState(`size ${String(size)} is not a tree size`);
  if (!Array.isArray(hashes)) throw badState('hashes is not an array');
  const expected = perfectSubtreeCount(size);
  if (hashes.length !== expected) {
    throw badState(`got ${hashes.length} hashes, expected ${expected} for size ${size}`);
  }
  const stack = hashes.map((hex: unknown) => {
    if (typeof hex !== 'string' || !/^[0-9a-f]{64}$/.test(hex)) {
      throw badState('a hash is not 64 lower-case hexadecimal digits');
    }
    return digestFromBytes(Buffer.from(hex, 'hex'));
  });
  return { size, stack };
}

function badState(why: string): MerkleError {
  return new MerkleError('bad_state', `resume a compact range: ${why}`);
}
