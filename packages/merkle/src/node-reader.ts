import { MerkleError } from './errors.ts';
import { digestFromBytes, isHash, nodeDigest, type Digest } from './hash.ts';
import { perfectNodes, type LeafRange } from './tree-math.ts';

/**
 * The hash of a complete subtree: 32 bytes over leaves [index * 2^level, (index + 1) * 2^level).
 * Proof generation asks only for subtrees that lie wholly inside the tree.
 */
export type GetNode = (
  level: number,
  index: number,
) => Uint8Array | undefined | Promise<Uint8Array | undefined>;

/**
 * Subtree hashes of ranges that the RFC 9162 recursion produces, in the given order. All nodes are
 * asked for at once. Throws `node_missing` when one is not there or is not a hash.
 */
export async function readRanges(
  getNode: GetNode,
  ranges: readonly LeafRange[],
): Promise<Digest[]> {
  return Promise.all(ranges.map((range) => readRange(getNode, range)));
}

async function readRange(getNode: GetNode, range: LeafRange): Promise<Digest> {
  const nodes = await Promise.all(
    perfectNodes(range).map(async ({ level, index }) => {
      const bytes = await getNode(level, index);
      if (isHash(bytes)) return digestFromBytes(bytes);
      throw new MerkleError('node_missing', `read node ${index} of level ${level}: no hash there`);
    }),
  );
  return nodes.reduceRight((right, left) => nodeDigest(left, right));
}
