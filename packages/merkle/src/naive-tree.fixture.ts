import { createHash } from 'node:crypto';

/** RFC 9162 section 2.1 word for word and nothing else: what the tests compare the package with. */

function sha256(...parts: Uint8Array[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

export function naiveLeaf(body: Uint8Array): Buffer {
  return sha256(Buffer.of(0), body);
}

/** MTH(D[n]) over leaf hashes. */
export function naiveRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0] as Buffer;
  const k = split(leaves.length);
  return sha256(Buffer.of(1), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

/** PATH(m, D[n]) of section 2.1.3.1. */
export function naivePath(m: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return m < k
    ? [...naivePath(m, leaves.slice(0, k)), naiveRoot(leaves.slice(k))]
    : [...naivePath(m - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))];
}

/** SUBPROOF(m, D[n], b) of section 2.1.4.1. */
export function naiveSubproof(m: number, leaves: readonly Buffer[], known = true): Buffer[] {
  if (m === leaves.length) return known ? [] : [naiveRoot(leaves)];
  const k = split(leaves.length);
  return m <= k
    ? [...naiveSubproof(m, leaves.slice(0, k), known), naiveRoot(leaves.slice(k))]
    : [...naiveSubproof(m - k, leaves.slice(k), false), naiveRoot(leaves.slice(0, k))];
}

/** Subtree hashes of a tree, read by level and index. */
export function naiveNodes(leaves: readonly Buffer[]) {
  return (level: number, index: number): Buffer | undefined => {
    const end = (index + 1) * 2 ** level;
    return end <= leaves.length ? naiveRoot(leaves.slice(index * 2 ** level, end)) : undefined;
  };
}

export function numberedLeaves(count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => naiveLeaf(Buffer.from(`entry ${i}`)));
}

/** A copy with one bit inverted. */
export function flipBit(bytes: Uint8Array, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
}

function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}
