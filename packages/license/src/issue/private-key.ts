import { KEY_BYTES } from '../keys/ed25519.ts';
import { readBytes, systemCode } from '../lookup/files.ts';
import { locateIssuerKey, type Surroundings } from '../lookup/locate.ts';
import { LicenseToolError } from './license-tool-error.ts';

/** The private key that licences are issued with: `--priv`, MODEKEEPER_ISSUER_PRIVKEY_PATH. Throws LicenseToolError. */
export const loadIssuerKey = (flag: string | undefined, around: Surroundings): Buffer => {
  const located = locateIssuerKey(flag, around);
  if (located === undefined) throw new LicenseToolError('private_key_missing');
  return readPrivateKey(located.file);
};

/** The 32 raw bytes of a private key. Throws LicenseToolError, which says nothing of what was in the file. */
export const readPrivateKey = (file: string): Buffer => {
  let bytes;
  try {
    bytes = readBytes(file, KEY_BYTES);
  } catch (error) {
    throw new LicenseToolError('private_key_unreadable', systemCode(error));
  }
  if (bytes.length !== KEY_BYTES) throw new LicenseToolError('private_key_invalid');
  return bytes;
};
