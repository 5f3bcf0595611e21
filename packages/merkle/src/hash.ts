import { hash } from 'node:crypto';
import { MerkleError } from './errors.ts';

export const HASH_BYTES = 32;

/**
 * A SHA-256 digest as a string of 32 characters, one per byte (latin1).
 *
 * Digests travel through the tree in this form because making and comparing such a string costs
 * half of what making and comparing a Buffer does; bytes appear only at the edges of the package.
 */
export type Digest = string & { readonly kind: 'sha256' };

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

// Hashing is synchronous, so one buffer for each kind of input is enough.
const nodeInput = Buffer.alloc(1 + 2 * HASH_BYTES, NODE_PREFIX);
const leafInput = Buffer.alloc(1 + 65_536, LEAF_PREFIX);

/** RFC 9162 section 2.1.1: SHA-256(0x00 || body). A string body is hashed as UTF-8. */
export function leafDigest(body: string | Uint8Array): Digest {
  if (typeof body === 'string') return digestOf('\0' + body);
  if (body.length < leafInput.length) {
    leafInput.set(body, 1);
    return digestOf(leafInput.subarray(0, body.length + 1));
  }
  return digestOf(Buffer.concat([Buffer.of(LEAF_PREFIX), body]));
}

/** RFC 9162 section 2.1.1: SHA-256(0x01 || left || right). */
export function nodeDigest(left: Digest, right: Digest): Digest {
  nodeInput.write(left + right, 1, 2 * HASH_BYTES, 'latin1');
  return digestOf(nodeInput);
}

/** Like `leafDigest`, as 32 bytes. */
export function hashLeaf(body: string | Uint8Array): Buffer {
  return digestToBytes(leafDigest(body));
}

/** Like `nodeDigest`, on and as 32 bytes. Throws `bad_hash` for other lengths. */
export function hashNode(left: Uint8Array, right: Uint8Array): Buffer {
  return digestToBytes(nodeDigest(digestFromBytes(left), digestFromBytes(right)));
}

export function digestToBytes(digest: Digest): Buffer {
  return Buffer.from(digest, 'latin1');
}

/** Throws MerkleError `bad_hash` unless given exactly 32 bytes. */
export function digestFromBytes(bytes: Uint8Array): Digest {
  if (!isHash(bytes)) {
    throw new MerkleError('bad_hash', `read a hash: expected ${HASH_BYTES} bytes`);
  }
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString('latin1', 0, HASH_BYTES) as Digest;
}

export function isHash(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === HASH_BYTES;
}

/** Root of the empty tree: SHA-256 of nothing (RFC 9162 section 2.1.1). */
export const EMPTY_ROOT: Digest = digestOf('');

function digestOf(data: string | Uint8Array): Digest {
  return hash('sha256', data, 'binary') as Digest;
}
