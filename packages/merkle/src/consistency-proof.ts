import { MerkleError } from './errors.ts';
import { digestFromBytes, digestToBytes, EMPTY_ROOT, isHash, nodeDigest } from './hash.ts';
import { readRanges, type GetNode } from './node-reader.ts';
import { half, isOdd, isPowerOfTwo, isTreeSize, splitPoint, type LeafRange } from './tree-math.ts';

/**
 * Proof that the tree of `first` leaves is a prefix of the tree of `second` leaves (RFC 9162
 * section 2.1.4.1). Empty when `first` is 0 or equals `second`. Throws `bad_range` unless
 * 0 <= first <= second, `node_missing` when the tree cannot be read.
 */
export async function proveConsistency(
  first: number,
  second: number,
  getNode: GetNode,
): Promise<Buffer[]> {
  if (!isTreeSize(first) || !isTreeSize(second) || first > second) {
    throw new MerkleError('bad_range', `prove consistency: ${first} is not within ${second}`);
  }
  if (first === 0 || first === second) return [];
  const hashes = await readRanges(getNode, proofRanges(first, second));
  return hashes.map(digestToBytes);
}

/**
 * Checks a consistency proof (RFC 9162 section 2.1.4.2). Every argument may come from an attacker:
 * anything malformed is `false`, never an exception. The empty tree is a prefix of every tree.
 */
export function verifyConsistency(claim: {
  firstSize: number;
  firstRoot: Uint8Array;
  secondSize: number;
  secondRoot: Uint8Array;
  proof: readonly Uint8Array[];
}): boolean {
  const { firstSize, firstRoot, secondSize, secondRoot, proof } = claim;
  if (!isTreeSize(firstSize) || !isTreeSize(secondSize) || firstSize > secondSize) return false;
  if (!isHash(firstRoot) || !isHash(secondRoot) || !Array.isArray(proof)) return false;
  const oldRoot = digestFromBytes(firstRoot);
  const newRoot = digestFromBytes(secondRoot);
  if (firstSize === 0 && oldRoot !== EMPTY_ROOT) return false;
  if (firstSize === secondSize) return proof.length === 0 && oldRoot === newRoot;
  if (firstSize === 0) return proof.length === 0;

  const path = isPowerOfTwo(firstSize) ? [firstRoot, ...proof] : proof;
  const seed: unknown = path[0];
  if (proof.length === 0 || !isHash(seed)) return false;
  let fn = firstSize - 1;
  let sn = secondSize - 1;
  while (isOdd(fn)) {
    fn = half(fn);
    sn = half(sn);
  }
  let fr = digestFromBytes(seed);
  let sr = fr;
  for (const hash of path.slice(1)) {
    if (sn === 0 || !isHash(hash)) return false;
    const digest = digestFromBytes(hash);
    if (isOdd(fn) || fn === sn) {
      fr = nodeDigest(digest, fr);
      sr = nodeDigest(digest, sr);
      while (!isOdd(fn) && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      sr = nodeDigest(sr, digest);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && fr === oldRoot && sr === newRoot;
}

function proofRanges(first: number, second: number): LeafRange[] {
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = second;
  let oldRootIsKnown = true;
  while (first !== end) {
    const middle = start + splitPoint(end - start);
    if (first <= middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
      oldRootIsKnown = false;
    }
  }
  if (!oldRootIsKnown) ranges.push({ start, end });
  return ranges.reverse();
}
