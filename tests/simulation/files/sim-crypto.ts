import {
  hash,
  createPrivateKey as createRealPrivateKey,
  createPublicKey as createRealPublicKey,
  type KeyObject,
} from 'node:crypto';
import { seededBytes } from '../core/virtual-globals.ts';

export * from 'node:crypto';

const bytesOf = (part: string | Uint8Array): Uint8Array =>
  typeof part === 'string' ? Buffer.from(part) : part;

/** SHA-2 without the stream that the platform makes of it. */
export const createHash = (algorithm: string) => {
  const parts: (string | Uint8Array)[] = [];
  return {
    update(data: string | Uint8Array, encoding: BufferEncoding = 'utf8') {
      const isText = typeof data === 'string' && encoding !== 'utf8';
      parts.push(isText ? Buffer.from(data, encoding) : data);
      return this;
    },
    digest(encoding: BufferEncoding | 'buffer' = 'buffer') {
      const all = parts.length === 1 ? parts[0]! : Buffer.concat(parts.map(bytesOf));
      return hash(algorithm, all, encoding as 'hex');
    },
  };
};

/** The dice of `node:crypto`, within a history: they depend on the seed alone. */
export const randomBytes = (length: number): Buffer => seededBytes(length);
export const randomUUID = (): string => {
  const hex = seededBytes(16).toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
};

const MOST_KEYS = 64;

/** A key depends on what it is made from alone, and the same few are read over and over. */
const remember = <I>(make: (input: I) => KeyObject): ((input: I) => KeyObject) => {
  const known = new Map<string, KeyObject>();
  return (input) => {
    const text = input instanceof Object ? JSON.stringify(input) : String(input);
    const found = known.get(text);
    if (found) return found;
    if (known.size >= MOST_KEYS) known.clear();
    const made = make(input);
    known.set(text, made);
    return made;
  };
};
export const createPrivateKey = remember(createRealPrivateKey);
const publicKeyOf = new WeakMap<KeyObject, KeyObject>();
/** The same few keys are written out over and over. */
const rememberExport = (key: KeyObject): KeyObject => {
  const write = key.export.bind(key) as (how?: object) => Buffer;
  const written = new Map<string, Buffer>();
  const toBytes = (how?: object): Buffer => {
    const name = JSON.stringify(how);
    const found = written.get(name) ?? write(how);
    written.set(name, found);
    return Buffer.isBuffer(found) ? Buffer.from(found) : found;
  };
  return Object.assign(key, { export: toBytes });
};
const readPublicKey = remember((input: unknown) =>
  rememberExport(createRealPublicKey(input as string)),
);
const isKeyObject = (value: unknown): value is KeyObject =>
  typeof (value as KeyObject | undefined)?.export === 'function';
export const createPublicKey = (input: unknown): KeyObject => {
  if (!isKeyObject(input)) return readPublicKey(input);
  const made = publicKeyOf.get(input) ?? rememberExport(createRealPublicKey(input));
  publicKeyOf.set(input, made);
  return made;
};

const names = new WeakMap<KeyObject, Buffer>();
const nameOf = (key: KeyObject): Buffer => {
  const known = names.get(key);
  if (known) return known;
  const open = key.type === 'private' ? createPublicKey(key) : key;
  const name = open.export({ format: 'der', type: 'spki' });
  names.set(key, name);
  return name;
};

/**
 * Stands in for Ed25519, which takes longer than everything around it: 64 bytes that only this key gives for these
 * bytes, unless somebody sets out to forge them; nobody does here.
 */
export const sign = (_: null, data: Uint8Array, key: KeyObject): Buffer =>
  hash('sha512', Buffer.concat([nameOf(key), data]), 'buffer');
export const verify = (_: null, data: Uint8Array, key: KeyObject, signature: Uint8Array): boolean =>
  sign(_, data, key).equals(signature);
