import { resolve } from 'node:path';
import { newPrivateKey, publicKeyOf } from '../keys/ed25519.ts';
import { readKeyring, writeKeyring, type Keyring } from '../keys/keyring.ts';
import {
  fileExists,
  findText,
  removeFile,
  systemCode,
  writeSecretFile,
  writeTextFile,
} from '../lookup/files.ts';
import { checkKid } from './issue-license.ts';
import { LicenseToolError } from './license-tool-error.ts';

export interface KeyOrder {
  readonly kid: string;
  /** `--out-priv`: a new file, 32 raw bytes, 0600. */
  readonly outPriv: string;
  /** `--out-keyring` */
  readonly outKeyring: string;
  /** `--merge-keyring`: the ring to which the key is added; may be the same file, and then need not be there yet. */
  readonly mergeKeyring?: string;
  readonly cwd: string;
}

/**
 * Makes a key pair: the private key into a file of its own, the public one into a ring. Nothing is written over that
 * could not be had again: neither a private key nor a ring that is not merged. Throws LicenseToolError.
 */
export const generateKey = (order: KeyOrder): void => {
  checkKid(order.kid);
  const ring = ringToExtend(order);
  if (ring.has(order.kid)) throw new LicenseToolError('kid_taken');
  const secretFile = resolve(order.cwd, order.outPriv);
  const ringFile = resolve(order.cwd, order.outKeyring);
  if (secretFile === ringFile || fileExists(secretFile))
    throw new LicenseToolError('private_key_exists');
  const privateKey = newPrivateKey();
  try {
    const extended = new Map([...ring, [order.kid, publicKeyOf(privateKey)]]);
    writeSecretFile(secretFile, privateKey);
    writeOrUndo(ringFile, writeKeyring(extended), secretFile);
  } catch (error) {
    throw new LicenseToolError('write_failed', systemCode(error));
  } finally {
    privateKey.fill(0);
  }
};

/** A private key whose public half stands in no ring is of no use. */
const writeOrUndo = (ringFile: string, text: string, secretFile: string): void => {
  try {
    writeTextFile(ringFile, text);
  } catch (error) {
    removeFile(secretFile);
    throw error;
  }
};

const ringToExtend = ({ cwd, outKeyring, mergeKeyring }: KeyOrder): Keyring => {
  const target = resolve(cwd, outKeyring);
  const source = mergeKeyring === undefined ? undefined : resolve(cwd, mergeKeyring);
  if (source !== target && fileExists(target)) throw new LicenseToolError('keyring_exists');
  if (source === undefined || (source === target && !fileExists(source))) return new Map();
  const found = findText(source);
  if ('problem' in found) throw new LicenseToolError('keyring_invalid', found.detail);
  return parse(found.text);
};

const parse = (text: string): Keyring => {
  let ring;
  try {
    ring = readKeyring(text);
  } catch (error) {
    throw new LicenseToolError('keyring_invalid', (error as Error).message);
  }
  if (ring === undefined) throw new LicenseToolError('keyring_invalid', 'it is no JSON object');
  return ring;
};
