import {
  createHash,
  createPrivateKey,
  createPublicKey,
  randomBytes,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { decodeBase64 } from './base64.ts';
import { MerkleError } from './errors.ts';

/** C2SP signed-note: the type byte of plain Ed25519 signatures. */
const ED25519 = 0x01;
const KEY_BYTES = 32;
// RFC 8410: the fixed DER that precedes a raw Ed25519 seed (PKCS#8) and public key (SPKI).
const SEED_DER_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_DER_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const BAD_NAME = /[\p{White_Space}\p{Cc}+]|\p{Surrogate}/u;

export interface NoteVerifier {
  readonly name: string;
  /** uint32; name and id together identify a key. */
  readonly keyId: number;
  verify(text: Uint8Array, signature: Uint8Array): boolean;
}

export interface NoteSigner {
  readonly name: string;
  readonly keyId: number;
  /** What others need to verify: `<name>+<8 hex digits of key id>+<base64 of type and key>`. */
  readonly verifierKey: string;
  /** Ed25519 (RFC 8032) signature over the note text, 64 bytes. */
  sign(text: Uint8Array): Buffer;
}

/** 32 random bytes: a new Ed25519 private key in raw form. */
export function generateSeed(): Buffer {
  return randomBytes(KEY_BYTES);
}

/** Key names are non-empty and have no Unicode spaces, plus signs or control characters. */
export function isKeyName(name: string): boolean {
  return name.length > 0 && !BAD_NAME.test(name);
}

/** Throws `bad_key` for a name that notes cannot carry or a seed that is not 32 bytes. */
export function createNoteSigner(options: { name: string; seed: Uint8Array }): NoteSigner {
  const { name, seed } = options;
  if (!isKeyName(name)) throw badKey('the name is empty or has a space, plus or control character');
  if (seed.length !== KEY_BYTES) throw badKey(`the seed has ${seed.length} bytes, expected 32`);
  const der = Buffer.concat([SEED_DER_PREFIX, seed]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = rawPublicKey(createPublicKey(privateKey));
  const keyId = noteKeyId(name, publicKey);
  return {
    name,
    keyId,
    verifierKey: encodeVerifierKey(name, publicKey),
    sign: (text) => sign(null, text, privateKey),
  };
}

/** Verifier key string of a raw 32-byte Ed25519 public key. */
export function encodeVerifierKey(name: string, publicKey: Uint8Array): string {
  if (!isKeyName(name)) throw badKey('the name is empty or has a space, plus or control character');
  if (publicKey.length !== KEY_BYTES) throw badKey(`the public key has ${publicKey.length} bytes`);
  const id = noteKeyId(name, publicKey).toString(16).padStart(8, '0');
  return `${name}+${id}+${Buffer.concat([Buffer.of(ED25519), publicKey]).toString('base64')}`;
}

/** Reads a verifier key string. Throws `bad_key` when malformed, of another type, or id and key differ. */
export function parseVerifierKey(text: string): NoteVerifier {
  const match = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/su.exec(text);
  if (match === null) throw badKey('a verifier key is <name>+<8 hex digits>+<base64>');
  const [, name = '', id = '', encoded = ''] = match;
  if (!isKeyName(name)) throw badKey('the name has a space or control character');
  const bytes = decodeBase64(encoded);
  if (bytes === undefined || bytes.length !== 1 + KEY_BYTES || bytes[0] !== ED25519) {
    throw badKey('the key is not base64 of 0x01 and 32 bytes');
  }
  const publicKey = bytes.subarray(1);
  const keyId = noteKeyId(name, publicKey);
  if (keyId !== Number.parseInt(id, 16)) throw badKey(`key id ${id} is not that of this key`);
  const der = Buffer.concat([PUBLIC_DER_PREFIX, publicKey]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return { name, keyId, verify: (note, signature) => verify(null, note, key, signature) };
}

/** First four bytes of SHA-256(name || 0x0A || 0x01 || public key), as a uint32. */
function noteKeyId(name: string, publicKey: Uint8Array): number {
  const digest = createHash('sha256').update(`${name}\n`).update(Buffer.of(ED25519));
  return digest.update(publicKey).digest().readUInt32BE(0);
}

function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(PUBLIC_DER_PREFIX.length);
}

function badKey(why: string): MerkleError {
  return new MerkleError('bad_key', `read a note key: ${why}`);
}
