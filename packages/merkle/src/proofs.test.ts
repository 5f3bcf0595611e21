import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proveConsistency, verifyConsistency } from './consistency-proof.ts';
import { hashLeaf, hashNode } from './hash.ts';
import { proveInclusion, verifyInclusion } from './inclusion-proof.ts';
import {
  flipBit,
  naiveNodes,
  naivePath,
  naiveRoot,
  naiveSubproof,
  numberedLeaves,
} from './naive-tree.fixture.ts';

const LEAVES = numberedLeaves(70);
const NODES = naiveNodes(LEAVES);
const ROOTS = Array.from({ length: LEAVES.length + 1 }, (_, n) => naiveRoot(LEAVES.slice(0, n)));
const MAX = Number.MAX_SAFE_INTEGER;

describe('inclusion proofs', () => {
  it('are those of the RFC definition, and verify, for every leaf of every size', async () => {
    for (let size = 1; size <= 40; size++) {
      for (let index = 0; index < size; index++) {
        const proof = await proveInclusion(index, size, NODES);
        expect(proof).toEqual(naivePath(index, LEAVES.slice(0, size)));
        const leafHash = LEAVES[index] as Buffer;
        const root = ROOTS[size] as Buffer;
        expect(verifyInclusion({ index, size, leafHash, proof, root })).toBe(true);
      }
    }
  });

  it('fail after any change of a bit, a place, a size or a length', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 70 }), fc.nat(), fc.nat(), async (size, a, b) => {
        const index = a % size;
        const proof = await proveInclusion(index, size, NODES);
        const leafHash = LEAVES[index] as Buffer;
        const good = { index, size, leafHash, proof, root: ROOTS[size] as Buffer };
        const bit = b % 256;
        const at = b % proof.length;
        const bent = proof.map((hash, i) => (i === at ? flipBit(hash, bit) : hash));
        const cut = proof.toSpliced(at, 1);
        const bad = [
          { ...good, proof: bent },
          { ...good, proof: cut },
          { ...good, proof: [...proof, hashLeaf('more')] },
          { ...good, leafHash: flipBit(leafHash, bit) },
          { ...good, root: flipBit(good.root, bit) },
          { ...good, index: (index + 1) % size },
          { ...good, index: size },
        ];
        for (const claim of bad) expect(verifyInclusion(claim)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('fail when the path is shorter or longer than the claimed size allows', () => {
    const [a, b, c] = LEAVES as [Buffer, Buffer, Buffer];
    const pair = { index: 0, leafHash: a, proof: [b], root: hashNode(a, b) };
    expect(verifyInclusion({ ...pair, size: 2 })).toBe(true);
    expect(verifyInclusion({ ...pair, size: 3 })).toBe(false);
    expect(verifyInclusion({ ...pair, size: 4 })).toBe(false);
    const longer = { ...pair, proof: [b, c], root: hashNode(c, hashNode(a, b)) };
    expect(verifyInclusion({ ...longer, size: 2 })).toBe(false);
  });

  it('verify in a tree of 2^53-1 leaves', () => {
    const leafHash = hashLeaf('first');
    const proof = Array.from({ length: 53 }, (_, i) => hashLeaf(String(i)));
    const root = proof.reduce((left, right) => hashNode(left, right), leafHash);
    const claim = { index: 0, size: MAX, leafHash, proof, root };
    expect(verifyInclusion(claim)).toBe(true);
    expect(verifyInclusion({ ...claim, index: 2 ** 32 })).toBe(false);
    const left = proof.slice(1);
    const last = { ...claim, index: MAX - 1, proof: left };
    const lastRoot = left.reduce((right, sibling) => hashNode(sibling, right), leafHash);
    expect(verifyInclusion({ ...last, root: lastRoot })).toBe(true);
    expect(verifyInclusion({ ...last, root: lastRoot, index: MAX - 2 })).toBe(false);
  });

  it('are generated in a tree of 2^53-1 leaves without 32-bit arithmetic', async () => {
    const asked: { level: number; index: number }[] = [];
    const proof = await proveInclusion(2 ** 40 + 5, MAX, (level, index) => {
      asked.push({ level, index });
      return hashLeaf(`${level}/${index}`);
    });
    expect(proof).toHaveLength(53);
    for (const { level, index } of asked) expect((index + 1) * 2 ** level).toBeLessThanOrEqual(MAX);
    expect(asked).toContainEqual({ level: 0, index: 2 ** 40 + 4 });
    expect(asked).toContainEqual({ level: 40, index: 0 });
  });

  it.each<[string, object]>([
    ['an index at the size', { index: 5 }],
    ['a negative index', { index: -1 }],
    ['a fractional index', { index: 0.5 }],
    ['an index that is no number', { index: '0' }],
    ['a size beyond 2^53', { size: 2 ** 53 }],
    ['an infinite size', { size: Infinity }],
    ['size zero', { size: 0 }],
    ['a proof that is no array', { proof: 'proof' }],
    ['a proof of short hashes', { proof: [Buffer.alloc(31), Buffer.alloc(31), Buffer.alloc(31)] }],
    ['a proof of text', { proof: ['a'.repeat(32), 'a', 'a'] }],
    ['a very long proof', { proof: Array.from({ length: 5000 }, () => Buffer.alloc(32)) }],
    ['an empty leaf hash', { leafHash: Buffer.alloc(0) }],
    ['a missing root', { root: undefined }],
  ])('with %s are false, not an exception', async (_, change) => {
    const proof = await proveInclusion(2, 5, NODES);
    const good = {
      index: 2,
      size: 5,
      leafHash: LEAVES[2] as Buffer,
      proof,
      root: ROOTS[5] as Buffer,
    };
    expect(verifyInclusion(good)).toBe(true);
    expect(verifyInclusion({ ...good, ...change })).toBe(false);
  });

  it('are refused for leaves outside the tree and trees that cannot be read', async () => {
    await expect(proveInclusion(5, 5, NODES)).rejects.toMatchObject({ code: 'bad_range' });
    await expect(proveInclusion(0, 2 ** 53, NODES)).rejects.toMatchObject({ code: 'bad_range' });
    await expect(proveInclusion(0, 71, NODES)).rejects.toMatchObject({ code: 'node_missing' });
  });
});

describe('consistency proofs', () => {
  it('are those of the RFC definition, and verify, for every pair of sizes', async () => {
    for (let second = 0; second <= 40; second++) {
      for (let first = 0; first <= second; first++) {
        const proof = await proveConsistency(first, second, NODES);
        if (first > 0) expect(proof).toEqual(naiveSubproof(first, LEAVES.slice(0, second)));
        const claim = claimOf(first, second, proof);
        expect(verifyConsistency(claim)).toBe(true);
      }
    }
  });

  it('fail after any change of a bit, a size or a length', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 70 }),
        fc.nat(),
        fc.nat(),
        async (second, a, b) => {
          const first = 1 + (a % (second - 1));
          const proof = await proveConsistency(first, second, NODES);
          const good = claimOf(first, second, proof);
          const bit = b % 256;
          const at = b % proof.length;
          const bent = proof.map((hash, i) => (i === at ? flipBit(hash, bit) : hash));
          const bad = [
            { ...good, proof: bent },
            { ...good, proof: proof.toSpliced(at, 1) },
            { ...good, proof: [...proof, hashLeaf('more')] },
            { ...good, firstRoot: flipBit(good.firstRoot, bit) },
            { ...good, secondRoot: flipBit(good.secondRoot, bit) },
            { ...good, firstSize: second, secondSize: first },
            { ...good, firstSize: second },
          ];
          for (const claim of bad) expect(verifyConsistency(claim)).toBe(false);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('fail between two histories', async () => {
    const other = [...LEAVES];
    other[3] = hashLeaf('rewritten');
    const proof = await proveConsistency(10, 33, naiveNodes(other));
    const claim = { ...claimOf(10, 33, proof), secondRoot: naiveRoot(other.slice(0, 33)) };
    expect(verifyConsistency(claim)).toBe(false);
  });

  it('of sizes up to 2^53-1 ask only for nodes inside the tree', async () => {
    const proof = await proveConsistency(2 ** 52, MAX, (level, index) => {
      expect((index + 1) * 2 ** level).toBeLessThanOrEqual(MAX);
      return hashLeaf(`${level}/${index}`);
    });
    expect(proof).toHaveLength(1);
    const firstRoot = hashLeaf('old');
    const secondRoot = hashNode(firstRoot, proof[0] as Buffer);
    const claim = { firstSize: 2 ** 52, firstRoot, secondSize: MAX, secondRoot, proof };
    expect(verifyConsistency(claim)).toBe(true);
    expect(verifyConsistency({ ...claim, firstSize: 2 ** 51 })).toBe(false);
  });

  it.each<[string, object]>([
    ['a first size above the second', { firstSize: 8 }],
    ['a negative size', { firstSize: -3 }],
    ['a size beyond 2^53', { secondSize: 2 ** 60 }],
    ['a size that is no number', { secondSize: '7' }],
    ['an empty proof', { proof: [] }],
    ['a proof that is no array', { proof: undefined }],
    ['hashes of the wrong length', { proof: [Buffer.alloc(33)] }],
    ['a root of the wrong length', { firstRoot: Buffer.alloc(1) }],
    ['a very long proof', { proof: Array.from({ length: 5000 }, () => Buffer.alloc(32)) }],
    ['first size zero and a proof', { firstSize: 0, firstRoot: ROOTS[0] }],
    ['first size zero and another root', { firstSize: 0, proof: [] }],
  ])('with %s are false, not an exception', async (_, change) => {
    const good = claimOf(3, 7, await proveConsistency(3, 7, NODES));
    expect(verifyConsistency(good)).toBe(true);
    expect(verifyConsistency({ ...good, ...change })).toBe(false);
  });

  it('are refused when the sizes are not in order', async () => {
    await expect(proveConsistency(6, 5, NODES)).rejects.toMatchObject({ code: 'bad_range' });
  });
});

function claimOf(firstSize: number, secondSize: number, proof: Buffer[]) {
  const firstRoot = ROOTS[firstSize] as Buffer;
  const secondRoot = ROOTS[secondSize] as Buffer;
  return { firstSize, firstRoot, secondSize, secondRoot, proof };
}
