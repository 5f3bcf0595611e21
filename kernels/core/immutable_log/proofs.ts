import { HoldfastError, type InclusionProofFile, type LedgerCheckpoint } from '@holdfast/contracts';
import { proveConsistency, proveInclusion } from '@holdfast/merkle';
import type { Store } from '@holdfast/store';
import type { EntryRow } from './entry-row.ts';
import { nodeReader } from './tree-tiles.ts';

const toHex = (hashes: readonly Buffer[]): string[] => hashes.map((hash) => hash.toString('hex'));

/** A self-contained proof that one entry is under the given checkpoint. */
export const inclusionProof = async (
  store: Store,
  row: EntryRow,
  checkpoint: LedgerCheckpoint,
): Promise<InclusionProofFile> => {
  const hashes = await proveInclusion(row.idx, checkpoint.size, nodeReader(store, checkpoint.size));
  return {
    format: 'holdfast.inclusion-proof.v1',
    id: row.id,
    index: row.idx,
    body: row.body,
    hashes: toHex(hashes),
    checkpoint,
  };
};

/** Hashes that show that the tree of `to` entries begins with the tree of `from` entries. */
export const consistencyHashes = async (
  store: Store,
  from: number,
  to: number,
  size: number,
): Promise<string[]> => {
  if (to > size || from > to)
    throw new HoldfastError('entry_not_found', { id: `${Math.max(from, to) - 1}` });
  return toHex(await proveConsistency(from, to, nodeReader(store, to)));
};
