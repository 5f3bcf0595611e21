import { isJsonObject, type JsonValue } from '../json/json-value.ts';
import { readJson } from '../json/read-json.ts';
import { bytesOfBase64 } from './base64.ts';
import { KEY_BYTES } from './ed25519.ts';
import { isWeakKey } from './weak-key.ts';

/** Key id to raw 32-byte Ed25519 public key: who is believed. */
export type Keyring = ReadonlyMap<string, Uint8Array>;

/** Nobody is believed until somebody configures a ring: a key that everybody has says nothing about a licence. */
export const BUILT_IN_RING: Keyring = new Map();

/** A key id has to be there and is compared as it is, spaces included. */
export const isKid = (kid: unknown): kid is string => typeof kid === 'string' && kid.trim() !== '';

/** The raw key that a ring's value stands for; undefined for what is none: no base64, another length, small order. */
export const publicKeyFrom = (value: JsonValue | undefined): Buffer | undefined => {
  const bytes = typeof value === 'string' ? bytesOfBase64(value, KEY_BYTES) : undefined;
  return bytes === undefined || isWeakKey(bytes) ? undefined : bytes;
};

/**
 * Reads a ring, `{"<kid>": "<base64 of 32 bytes>"}`. Entries of a wrong shape are left out. Throws JsonError for what is
 * no JSON, and gives undefined for what is no object.
 */
export const readKeyring = (text: string): Keyring | undefined => {
  const document = readJson(text);
  if (!isJsonObject(document)) return undefined;
  const keys = [...document].flatMap(([kid, value]) => {
    const key = isKid(kid) ? publicKeyFrom(value) : undefined;
    return key === undefined ? [] : [[kid, key] as const];
  });
  return new Map(keys);
};

/** The text of a ring: two spaces, sorted, with a line break at the end. */
export const writeKeyring = (ring: Keyring): string => {
  const lines = [...ring]
    .map(([kid, key]) => `  ${JSON.stringify(kid)}: "${Buffer.from(key).toString('base64')}"`)
    .sort();
  return lines.length === 0 ? '{}\n' : `{\n${lines.join(',\n')}\n}\n`;
};
