import { verify } from 'node:crypto';
import {
  decisionStatement,
  HoldfastError,
  keyStatement,
  LONGEST_SIGNATURE_S,
  type Decision,
  type Signature,
} from '@holdfast/contracts';
import { bytesOfBase64, keyIdOf, publicKeyOf, SIGNATURE_BYTES } from './ed25519-key.ts';

/** How far the clock of the one who signs may be ahead. */
export const CLOCK_SKEW_S = 60;

/** The fields of a statement stand one a line: a line break in one could pass for another field. */
const isOneLine = (field: string): boolean => /^[\x20-\x7e]*$/.test(field);

const isSigned = (statement: string, value: string, publicKey: string): boolean => {
  const signature = bytesOfBase64(value, SIGNATURE_BYTES);
  if (signature === undefined) return false;
  try {
    return verify(null, Buffer.from(statement, 'ascii'), publicKeyOf(publicKey), signature);
  } catch {
    return false;
  }
};

const isOfKey = (key: string, publicKey: string): boolean => {
  try {
    return key === keyIdOf(publicKey);
  } catch {
    return false;
  }
};

/** Why the times of a signature do not hold at this moment; undefined when they do. */
const wrongTime = (signature: Signature, nowMs: number): string | undefined => {
  const issued = Date.parse(signature.issued_at);
  const expires = Date.parse(signature.expires_at);
  if (!(issued <= nowMs + CLOCK_SKEW_S * 1000)) return `it is dated ${signature.issued_at}`;
  if (!(expires > issued)) return 'it expires before it was issued';
  if (!(expires - issued <= LONGEST_SIGNATURE_S * 1000))
    return `it is valid for more than ${LONGEST_SIGNATURE_S} s`;
  return expires > nowMs ? undefined : `it expired at ${signature.expires_at}`;
};

/**
 * Checks the signature of a decision (Ed25519, RFC 8032) against a public key (base64 of 32 bytes) at a time (ms since
 * 1970). Throws `approval_signature_invalid` when it is not that of the key over exactly this decision, then
 * `approval_expired` when it is not valid now. Whether it was used before is for the caller to know, by its nonce.
 */
export const verifyDecision = (
  decision: Decision,
  signature: Signature,
  publicKey: string,
  nowMs: number,
): void => {
  const { value, ...signed } = signature;
  const isReadable = [...Object.values(decision), ...Object.values(signed)].every(
    (field) => typeof field === 'string' && isOneLine(field),
  );
  const isValid =
    isReadable &&
    isOfKey(signature.key, publicKey) &&
    isSigned(decisionStatement(decision, signature), value, publicKey);
  if (!isValid) throw new HoldfastError('approval_signature_invalid', { key: signature.key });
  const detail = wrongTime(signature, nowMs);
  if (detail !== undefined) throw new HoldfastError('approval_expired', { detail });
};

/** Checks that who registers a key holds it: a signature over `keyStatement`. Throws `key_invalid`. */
export const verifyKeyProof = (principal: string, publicKey: string, proof: string): void => {
  publicKeyOf(publicKey);
  if (!isOneLine(principal) || !isSigned(keyStatement(principal, publicKey), proof, publicKey))
    throw new HoldfastError('key_invalid', {
      detail: 'the proof is not its signature over the statement',
    });
};
