import { generateKey } from '@holdfast/license';
import type { CommandRun } from '../frame/command.ts';
import { EXIT } from '../frame/mk-error.ts';
import type { keygenFlags } from '../table/license-flags.ts';

/** Makes a key pair: the private key into a file of its own, the public one into a ring. */
export const licenseKeygen: CommandRun<typeof keygenFlags> = async (flags, { print }) => {
  generateKey({
    kid: flags.kid,
    outPriv: flags['out-priv'],
    outKeyring: flags['out-keyring'],
    mergeKeyring: flags['merge-keyring'],
    cwd: process.cwd(),
  });
  print(`key ${flags.kid}: ${flags['out-priv']}, ring ${flags['out-keyring']}`);
  return EXIT.done;
};
