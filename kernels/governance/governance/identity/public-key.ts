import { keyIdOf, verifyKeyProof } from '@holdfast/change';

/**
 * Checks a public key (base64) that somebody wants to sign with and that they have its private half. Answers it with
 * the id that follows from it. Throws key_invalid.
 */
export const checkPublicKey = (
  principal: string,
  text: string,
  proof: string,
): { readonly id: string; readonly public_key: string } => {
  verifyKeyProof(principal, text, proof);
  return { id: keyIdOf(text), public_key: text };
};
