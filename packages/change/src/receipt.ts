import type { Event, InclusionProofFile } from '@holdfast/contracts';
import { hashLeaf, openCheckpoint, parseVerifierKey, verifyInclusion } from '@holdfast/merkle';

/** What a proof shows: an event that the ledger signed for, or why it shows nothing. */
export type ProvenEvent =
  { readonly event: Event } | { readonly event: undefined; readonly problem: string };

const nothing = (problem: string): ProvenEvent => ({ event: undefined, problem });

/**
 * The event that a proof of the ledger is about, once all of it is checked: the checkpoint is signed (C2SP signed-note,
 * Ed25519) by `trustedKey`, a C2SP verifier key line, and the entry with this very text is under it (RFC 9162 section
 * 2.1.3.2). Every part may come from somebody else than the ledger; nothing beside the signed text is believed.
 */
export const provenEvent = (proof: InclusionProofFile, trustedKey: string): ProvenEvent => {
  const { index, body, hashes, checkpoint } = proof;
  try {
    const verifier = parseVerifierKey(trustedKey);
    const { size, root } = openCheckpoint(checkpoint.note, {
      origin: verifier.name,
      verifiers: [verifier],
    });
    const isUnder = verifyInclusion({
      index,
      size,
      leafHash: hashLeaf(body),
      proof: hashes.map((hash) => Buffer.from(hash, 'hex')),
      root,
    });
    if (!isUnder) return nothing('the entry is not under the signed checkpoint');
    return { event: JSON.parse(body) as Event };
  } catch {
    return nothing('the checkpoint is not signed by the key of the ledger');
  }
};

/**
 * Whether a proof is the ledger's receipt of an event that is wanted. `trusts` says whether a key is the ledger's; it is
 * asked only about one that did sign for such an event.
 */
export const isReceipt = async (
  proof: InclusionProofFile,
  isWanted: (event: Event) => boolean,
  trusts: (key: string) => Promise<boolean>,
): Promise<boolean> => {
  const { key } = proof.checkpoint;
  const { event } = provenEvent(proof, key);
  return event !== undefined && isWanted(event) && trusts(key);
};
