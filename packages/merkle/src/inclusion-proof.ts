import { MerkleError } from './errors.ts';
import { digestFromBytes, digestToBytes, isHash, nodeDigest } from './hash.ts';
import { readRanges, type GetNode } from './node-reader.ts';
import { half, isOdd, isTreeSize, splitPoint, type LeafRange } from './tree-math.ts';

/**
 * Proof that leaf `index` is in the tree of `size` leaves (RFC 9162 section 2.1.3.1): sibling
 * hashes from the leaf up. Throws `bad_range` unless 0 <= index < size, `node_missing` when the
 * tree cannot be read.
 */
export async function proveInclusion(
  index: number,
  size: number,
  getNode: GetNode,
): Promise<Buffer[]> {
  if (!isTreeSize(index) || !isTreeSize(size) || index >= size) {
    throw new MerkleError(
      'bad_range',
      `prove inclusion: leaf ${index} is not in a tree of ${size}`,
    );
  }
  const hashes = await readRanges(getNode, siblingRanges(index, size));
  return hashes.map(digestToBytes);
}

/**
 * Checks an inclusion proof (RFC 9162 section 2.1.3.2). Every argument may come from an attacker:
 * anything malformed is `false`, never an exception.
 */
export function verifyInclusion(claim: {
  index: number;
  size: number;
  leafHash: Uint8Array;
  proof: readonly Uint8Array[];
  root: Uint8Array;
}): boolean {
  const { index, size, leafHash, proof, root } = claim;
  if (!isTreeSize(index) || !isTreeSize(size) || index >= size) return false;
  if (!isHash(leafHash) || !isHash(root) || !Array.isArray(proof)) return false;
  let fn = index;
  let sn = size - 1;
  let digest = digestFromBytes(leafHash);
  for (const sibling of proof) {
    if (sn === 0 || !isHash(sibling)) return false;
    if (isOdd(fn) || fn === sn) {
      digest = nodeDigest(digestFromBytes(sibling), digest);
      while (!isOdd(fn) && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      digest = nodeDigest(digest, digestFromBytes(sibling));
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && digest === digestFromBytes(root);
}

function siblingRanges(index: number, size: number): LeafRange[] {
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  return ranges.reverse();
}
