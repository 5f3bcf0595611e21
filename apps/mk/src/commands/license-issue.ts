import {
  issueLicense,
  loadIssuerKey,
  parseEntitlements,
  parseExpiry,
  writeTextFile,
} from '@holdfast/license';
import type { CommandRun } from '../frame/command.ts';
import { EXIT } from '../frame/mk-error.ts';
import { surroundings } from '../gates/judge-licence.ts';
import type { issueFlags } from '../table/license-flags.ts';

/** Signs a licence with the key of `--priv`, or the one that the environment names. */
export const licenseIssue: CommandRun<typeof issueFlags> = async (flags, { env, now, print }) => {
  const order = {
    kid: flags.kid,
    org: flags.org,
    issuedAtS: Math.floor(now() / 1000),
    expiresAtS: parseExpiry(flags.expires),
    entitlements: parseEntitlements(flags.entitlements),
  };
  const privateKey = loadIssuerKey(flags.priv, surroundings(env));
  try {
    writeTextFile(flags.out, issueLicense(order, privateKey));
  } finally {
    privateKey.fill(0);
  }
  print(`licence for ${flags.org}, signed by ${flags.kid}: ${flags.out}`);
  return EXIT.done;
};
