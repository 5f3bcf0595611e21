import { createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto';

/** A raw Ed25519 key, public or private (the seed), is this long (RFC 8032 section 5.1). */
export const KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** What stands before the raw key in a PKCS #8 and in a SubjectPublicKeyInfo of Ed25519 (RFC 8410 sections 7 and 4). */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** A new private key: 32 random bytes. */
export const newPrivateKey = (): Buffer => randomBytes(KEY_BYTES);

const privateKeyOf = (privateKey: Uint8Array) => {
  const der = Buffer.concat([PRIVATE_PREFIX, privateKey]);
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } finally {
    der.fill(0);
  }
};

/** The raw public key of a raw private key. */
export const publicKeyOf = (privateKey: Uint8Array): Buffer =>
  createPublicKey(privateKeyOf(privateKey))
    .export({ format: 'der', type: 'spki' })
    .subarray(PUBLIC_PREFIX.length);

/** The 64 bytes of the signature of a message. */
export const signMessage = (message: Uint8Array, privateKey: Uint8Array): Buffer =>
  sign(null, message, privateKeyOf(privateKey));

/** Whether this signature is that of a raw public key over a message; false for whatever is no key or no signature. */
export const isSignedBy = (
  message: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean => {
  try {
    const key = Buffer.concat([PUBLIC_PREFIX, publicKey]);
    return verify(null, message, { key, format: 'der', type: 'spki' }, signature);
  } catch {
    return false;
  }
};
