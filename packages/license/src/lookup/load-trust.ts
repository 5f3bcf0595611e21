import { resolve } from 'node:path';
import { BUILT_IN_RING, readKeyring } from '../keys/keyring.ts';
import type { Trust } from '../verify/verify-license.ts';
import { findText } from './files.ts';
import { locateKeyring, type Surroundings } from './locate.ts';

export interface TrustOptions {
  /** `--root-public-keys` */
  readonly publicKeys?: string;
  /** `--trust-chain`: the ring holds root keys, and an issuer keyset those that sign licences. */
  readonly trustChain?: boolean;
  /** `--issuer-keyset` */
  readonly issuerKeyset?: string;
}

/** The keys that count here. A ring that is named and cannot be used counts as empty: the next place is not asked. */
export const loadTrust = (options: TrustOptions, around: Surroundings): Trust => {
  const { issuerKeyset: path } = options;
  const keyset =
    path === undefined || path === '' ? undefined : findText(resolve(around.cwd, path));
  const chain = options.trustChain === true ? { keyset } : undefined;
  return { ...loadRing(options.publicKeys, around), chain };
};

const loadRing = (flag: string | undefined, around: Surroundings): Trust => {
  const located = locateKeyring(flag, around);
  if (located === undefined) return { ring: BUILT_IN_RING };
  const found = findText(located.file);
  if ('problem' in found) return none(found.detail);
  try {
    const ring = readKeyring(found.text);
    if (ring === undefined) return none('it is no JSON object');
    return ring.size === 0 ? none('it holds no usable key') : { ring };
  } catch (error) {
    return none((error as Error).message);
  }
};

const none = (why: string): Trust => ({
  ring: new Map(),
  detail: `the configured public keys cannot be used: ${why}`,
});
