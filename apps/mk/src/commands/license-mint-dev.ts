import { mintDev, writeTextFile } from '@holdfast/license';
import type { CommandRun } from '../frame/command.ts';
import { EXIT } from '../frame/mk-error.ts';
import type { mintDevFlags } from '../table/license-flags.ts';

/** Makes a licence for development and the ring that believes it. The private key is forgotten at once. */
export const licenseMintDev: CommandRun<typeof mintDevFlags> = async (flags, { now, print }) => {
  const { kid, licenseText, keyringText } = mintDev(now() / 1000);
  writeTextFile(flags['out-keyring'], keyringText);
  writeTextFile(flags.out, licenseText);
  print(`licence ${flags.out}, ring ${flags['out-keyring']} (key ${kid})`);
  return EXIT.done;
};
