import { existsSync, writeFileSync } from 'node:fs';
import { prettyJson } from '../artifacts/sorted-json.ts';
import { filesBelow } from '../export/files-below.ts';
import { packFiles } from '../export/packed.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT } from '../frame/mk-error.ts';
import { describeMachine } from '../support/describe-machine.ts';
import { knownSecrets } from '../support/known-secrets.ts';
import { supportFiles } from '../support/support-files.ts';
import type { supportFlags } from '../table/handover-flags.ts';

/**
 * Packs what helps to find a fault: versions, checks, and the reports and logs of a folder where it is there. Only files
 * that are known by their names go in, and secrets are taken out of those.
 */
export const supportBundle: CommandRun<typeof supportFlags> = async (flags, { env, print }) => {
  const paths = existsSync(flags.in) ? filesBelow(flags.in) : [];
  const files = supportFiles(flags.in, paths, knownSecrets(env));
  const machine = { path: 'machine.json', bytes: Buffer.from(prettyJson(describeMachine(env))) };
  writeFileSync(flags.out, packFiles('support', [...files, machine]), { mode: 0o600 });
  print(`${files.length + 1} files, without secrets: ${flags.out}`);
  return EXIT.done;
};
