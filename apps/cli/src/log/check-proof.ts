import { inclusionProofSchema } from '@holdfast/contracts';
import { hashLeaf, openCheckpoint, parseVerifierKey, verifyInclusion } from '@holdfast/merkle';

export interface ProofVerdict {
  readonly ok: boolean;
  readonly id: string;
  readonly index: number;
  readonly size: number;
  readonly key: string;
  /** Whether the key was known beforehand; a proof that vouches for itself shows only that it is consistent. */
  readonly trusted: boolean;
  readonly reason: string;
}

/** The id inside the hashed body, which is what the proof speaks of. */
const bodyId = (body: string): unknown => {
  try {
    return (JSON.parse(body) as { id?: unknown }).id;
  } catch {
    return undefined;
  }
};

/** Checks a proof file by itself. `trustedKey` is the verifier key that the ledger is known by, if it is known. */
export const checkProof = (text: string, trustedKey: string | undefined): ProofVerdict => {
  const refuse = (reason: string, part: Partial<ProofVerdict> = {}): ProofVerdict => ({
    ok: false,
    id: '',
    index: 0,
    size: 0,
    key: '',
    trusted: false,
    ...part,
    reason,
  });
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return refuse('the file is not JSON');
  }
  const parsed = inclusionProofSchema.safeParse(raw);
  if (!parsed.success) return refuse('the file is not an inclusion proof');
  const { id, index, body, hashes, checkpoint } = parsed.data;
  const known = {
    id,
    index,
    size: checkpoint.size,
    key: checkpoint.key,
    trusted: trustedKey === checkpoint.key,
  };
  if (trustedKey !== undefined && !known.trusted)
    return refuse('it is signed by another key than the trusted one', known);
  try {
    const verifier = parseVerifierKey(checkpoint.key);
    const signed = openCheckpoint(checkpoint.note, {
      origin: verifier.name,
      verifiers: [verifier],
    });
    const claim = {
      index,
      size: signed.size,
      leafHash: hashLeaf(body),
      proof: hashes.map((hash) => Buffer.from(hash, 'hex')),
      root: signed.root,
    };
    if (!verifyInclusion(claim))
      return refuse('the entry is not under the signed checkpoint', known);
    if (bodyId(body) !== id) return refuse('the entry that is proven has another id', known);
    return { ok: true, ...known, size: signed.size, reason: '' };
  } catch {
    return refuse('the checkpoint has no valid signature', known);
  }
};
