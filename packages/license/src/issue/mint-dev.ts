import { createHash } from 'node:crypto';
import { newPrivateKey, publicKeyOf } from '../keys/ed25519.ts';
import { writeKeyring } from '../keys/keyring.ts';
import { issueLicense } from './issue-license.ts';

const TEN_YEARS_S = 10 * 365 * 24 * 60 * 60;

/** So that a clock that is a little behind takes the licence too. */
const ISSUED_BEFORE_S = 60;

export interface DevLicense {
  readonly kid: string;
  readonly licenseText: string;
  readonly keyringText: string;
}

/**
 * A licence for development and the ring that it verifies with: ten years, apply, observe and paid. Its private key is
 * new each time and forgotten at once, so no second licence can be made for that ring.
 */
export const mintDev = (nowS: number): DevLicense => {
  const privateKey = newPrivateKey();
  try {
    const publicKey = publicKeyOf(privateKey);
    const kid = `dev-${createHash('sha256').update(publicKey).digest('hex').slice(0, 16)}`;
    const issuedAtS = Math.floor(nowS) - ISSUED_BEFORE_S;
    const order = {
      kid,
      org: 'local development',
      issuedAtS,
      expiresAtS: issuedAtS + TEN_YEARS_S,
      entitlements: ['apply', 'observe', 'paid'],
    };
    const licenseText = issueLicense(order, privateKey, nowS);
    return { kid, licenseText, keyringText: writeKeyring(new Map([[kid, publicKey]])) };
  } finally {
    privateKey.fill(0);
  }
};
