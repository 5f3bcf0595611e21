import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { HoldfastError } from '@holdfast/contracts';

export const KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** What stands before the raw key in a SubjectPublicKeyInfo of Ed25519 (RFC 8410 section 4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** The prime of the field, 2^255 - 19. */
const P = 2n ** 255n - 19n;

/** The y coordinate of a point of order 8; its negative is the other one. */
const ORDER_8_Y = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;

/**
 * The y coordinates of the points of order 1, 2, 4 and 8 (RFC 8032 section 5.1). With such a key one signature fits
 * many messages, and node:crypto takes it.
 */
const SMALL_ORDER_Y = new Set([0n, 1n, P - 1n, ORDER_8_Y, P - ORDER_8_Y]);

/** Bytes of canonical standard base64 (RFC 4648 section 4), exactly this many; undefined for anything else. */
export const bytesOfBase64 = (text: string, length: number): Buffer | undefined => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === length && bytes.toString('base64') === text ? bytes : undefined;
};

const refuse = (detail: string): never => {
  throw new HoldfastError('key_invalid', { detail });
};

/** The raw bytes of a public key (base64). Throws `key_invalid`; each key has one spelling that is taken. */
export const rawKeyOf = (publicKey: string): Buffer => {
  const raw = bytesOfBase64(publicKey, KEY_BYTES);
  if (raw === undefined) return refuse(`expected base64 of ${KEY_BYTES} bytes`);
  const encoded = BigInt(`0x${Buffer.from(raw).reverse().toString('hex')}`);
  const y = BigInt.asUintN(255, encoded);
  if (y >= P) return refuse('its coordinate is not reduced');
  if (SMALL_ORDER_Y.has(y)) return refuse('it is a point of small order');
  return raw;
};

/** Throws `key_invalid`. */
export const publicKeyOf = (publicKey: string): KeyObject =>
  createPublicKey({
    key: Buffer.concat([SPKI_PREFIX, rawKeyOf(publicKey)]),
    format: 'der',
    type: 'spki',
  });

/** The name of a public key (base64): `ed25519:` and the first 32 hex digits of its SHA-256. Throws `key_invalid`. */
export const keyIdOf = (publicKey: string): string =>
  `ed25519:${createHash('sha256').update(rawKeyOf(publicKey)).digest('hex').slice(0, 32)}`;
