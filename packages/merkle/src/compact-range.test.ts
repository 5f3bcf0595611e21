import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCompactRange, type CompactRangeState } from './compact-range.ts';
import { digestToBytes, hashLeaf, hashNode, leafDigest } from './hash.ts';
import { naiveLeaf, naiveNodes, naiveRoot, numberedLeaves } from './naive-tree.fixture.ts';

// The eight leaves and roots used by implementations of RFC 6962 as their common test vector.
const CT_LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Buffer.from(hex, 'hex'));
const CT_ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('hashing', () => {
  it('hashes text as its UTF-8 bytes and leaves of any length', () => {
    for (const text of ['', 'plain', 'gr\u00fc\u00df \u20ac \ud83d\ude00', 'x'.repeat(70_000)]) {
      expect(hashLeaf(text)).toEqual(naiveLeaf(Buffer.from(text)));
      expect(hashLeaf(Buffer.from(text))).toEqual(naiveLeaf(Buffer.from(text)));
    }
    for (const length of [65_535, 65_536, 65_537]) {
      expect(hashLeaf(Buffer.alloc(length, 7))).toEqual(naiveLeaf(Buffer.alloc(length, 7)));
    }
  });

  it('refuses to hash nodes that are not 32 bytes', () => {
    expect(() => hashNode(Buffer.alloc(31), Buffer.alloc(32))).toThrow('expected 32 bytes');
  });
});

describe('a compact range', () => {
  it('has the published roots of the eight-leaf test vector', () => {
    const range = createCompactRange();
    expect(range.root().toString('hex')).toBe(CT_ROOTS[0]);
    CT_LEAVES.forEach((leaf, i) => {
      expect(range.append(leafDigest(leaf))).toBe(i);
      expect(range.root().toString('hex')).toBe(CT_ROOTS[i + 1]);
    });
  });

  it('has the root of the naive definition at every size', () => {
    const leaves = numberedLeaves(130);
    const range = createCompactRange();
    leaves.forEach((leaf, i) => {
      range.append(leaf);
      expect(range.size).toBe(i + 1);
      expect(range.root()).toEqual(naiveRoot(leaves.slice(0, i + 1)));
    });
  });

  it('reports every completed node once, with its hash', () => {
    const leaves = numberedLeaves(37);
    const seen = new Map<string, Buffer>();
    const range = createCompactRange({
      onNode: (level, index, digest) => {
        expect(seen.has(`${level}/${index}`)).toBe(false);
        seen.set(`${level}/${index}`, digestToBytes(digest));
      },
    });
    leaves.forEach((leaf) => range.append(leaf));
    const node = naiveNodes(leaves);
    let expected = 0;
    for (let level = 0; 2 ** level <= leaves.length; level++) {
      for (let index = 0; (index + 1) * 2 ** level <= leaves.length; index++, expected++) {
        expect(seen.get(`${level}/${index}`)).toEqual(node(level, index));
      }
    }
    expect(seen.size).toBe(expected);
  });

  it('resumed from its serialised state at any point gives the same root', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), (first, more) => {
        const leaves = numberedLeaves(first + more);
        const whole = createCompactRange();
        leaves.slice(0, first).forEach((leaf) => whole.append(leaf));
        const state = JSON.parse(JSON.stringify(whole.state())) as CompactRangeState;
        const resumed = createCompactRange({ state });
        leaves.slice(first).forEach((leaf) => {
          whole.append(leaf);
          resumed.append(leaf);
        });
        expect(resumed.root()).toEqual(whole.root());
        expect(resumed.state()).toEqual(whole.state());
      }),
      { numRuns: 40 },
    );
  });

  it('a clone goes its own way', () => {
    const range = createCompactRange();
    numberedLeaves(3).forEach((leaf) => range.append(leaf));
    const before = range.root();
    range.clone().append(hashLeaf('elsewhere'));
    expect(range.root()).toEqual(before);
  });

  it('is unchanged when the node sink throws', () => {
    let failing = false;
    const range = createCompactRange({
      onNode: (level) => {
        if (failing && level === 2) throw new Error('disk full');
      },
    });
    const leaves = numberedLeaves(4);
    leaves.slice(0, 3).forEach((leaf) => range.append(leaf));
    failing = true;
    expect(() => range.append(leaves[3] as Buffer)).toThrow('disk full');
    expect(range.size).toBe(3);
    failing = false;
    range.append(leaves[3] as Buffer);
    expect(range.root()).toEqual(naiveRoot(leaves));
  });

  it('counts beyond 32 bits', () => {
    const size = 2 ** 52 + 2 ** 33 + 1;
    const hash = '11'.repeat(32);
    const nodes: string[] = [];
    const range = createCompactRange({
      state: { size, hashes: [hash, hash, hash] },
      onNode: (level, index) => nodes.push(`${level}/${index}`),
    });
    expect(range.append(hashLeaf('x'))).toBe(size);
    expect(nodes).toEqual([`0/${size}`, `1/${(size - 1) / 2}`]);
    expect(range.state().hashes).toHaveLength(3);
  });

  it('stops at 2^53-1 leaves', () => {
    const hashes = Array.from({ length: 53 }, () => '22'.repeat(32));
    const range = createCompactRange({ state: { size: Number.MAX_SAFE_INTEGER, hashes } });
    expect(() => range.append(hashLeaf('x'))).toThrow('the tree is full');
  });

  it.each<[string, unknown]>([
    ['a size that is no integer', { size: 1.5, hashes: ['00'.repeat(32)] }],
    ['a negative size', { size: -1, hashes: [] }],
    ['too few hashes', { size: 3, hashes: ['00'.repeat(32)] }],
    ['too many hashes', { size: 0, hashes: ['00'.repeat(32)] }],
    ['a short hash', { size: 1, hashes: ['00'] }],
    ['a hash that is not hex', { size: 1, hashes: ['zz'.repeat(32)] }],
    ['hashes that are no array', { size: 1, hashes: 'x' }],
  ])('refuses a state with %s', (_, state) => {
    expect(() => createCompactRange({ state: state as CompactRangeState })).toThrow(
      'resume a compact range',
    );
  });

  it('refuses a leaf hash of another length', () => {
    const range = createCompactRange();
    expect(() => range.append(Buffer.alloc(20))).toThrow('expected 32 bytes');
    expect(range.size).toBe(0);
  });
});
