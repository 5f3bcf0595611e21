import { HoldfastError } from '@holdfast/contracts';
import {
  createCompactRange,
  openCheckpoint,
  parseVerifierKey,
  type CompactRange,
  type CompactRangeState,
  type NoteSigner,
} from '@holdfast/merkle';
import type { Store } from '@holdfast/store';

export interface RestoredTree {
  readonly tree: CompactRange;
  /** The stored head's note; undefined for a ledger without entries. */
  readonly note: string | undefined;
  /** Size of the newest checkpoint in the history. */
  readonly lastHistory: number;
}

const damaged = (detail: string, cause?: unknown): HoldfastError =>
  new HoldfastError('ledger_damaged', { detail }, { cause });

const readTree = (frontier: string): CompactRange => {
  try {
    return createCompactRange({ state: JSON.parse(frontier) as CompactRangeState });
  } catch (cause) {
    throw damaged('the stored frontier cannot be read', cause);
  }
};

const readSigned = (note: string, signer: NoteSigner): { size: number; root: Buffer } => {
  try {
    const verifier = parseVerifierKey(signer.verifierKey);
    return openCheckpoint(note, { origin: signer.name, verifiers: [verifier] });
  } catch (cause) {
    throw damaged('the stored head has no valid signature', cause);
  }
};

/**
 * The tree as it was signed last. Throws ledger_damaged unless entries, frontier and signed head speak of the same size
 * and root: signing on from anything else would give one key two histories.
 */
export const restoreTree = async (store: Store, signer: NoteSigner): Promise<RestoredTree> => {
  const [head] = await store.read<{ note: string; frontier: string }>(
    'SELECT note, frontier FROM head WHERE id = 1',
  );
  const [counted] = await store.read<{ stored: number; history: number }>(
    `SELECT (SELECT COALESCE(MAX(idx) + 1, 0) FROM entries) AS stored,
      (SELECT COALESCE(MAX(size), 0) FROM checkpoints) AS history`,
  );
  const { stored, history } = counted!;
  if (!head) {
    if (stored + history > 0) throw damaged(`${stored} entries, but no signed head`);
    return { tree: createCompactRange(), note: undefined, lastHistory: 0 };
  }
  const tree = readTree(head.frontier);
  const signed = readSigned(head.note, signer);
  if (tree.size !== signed.size || !tree.root().equals(signed.root))
    throw damaged(`the frontier of ${tree.size} entries is not what was signed for ${signed.size}`);
  if (stored !== signed.size) throw damaged(`${stored} entries stored, ${signed.size} signed`);
  return { tree, note: head.note, lastHistory: history };
};
