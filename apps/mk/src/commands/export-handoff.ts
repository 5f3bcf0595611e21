import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '@holdfast/contracts/version';
import { prettyJson } from '../artifacts/sorted-json.ts';
import { filesBelow } from '../export/files-below.ts';
import { handoffFiles, handoffReadme } from '../export/handoff-files.ts';
import { packFiles } from '../export/packed.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT, MkError } from '../frame/mk-error.ts';
import type { handoffFlags } from '../table/handover-flags.ts';

/**
 * Packs what somebody who takes over a workload needs, with words about each file. The same artifacts give the same bytes.
 */
export const exportHandoff: CommandRun<typeof handoffFlags> = async (flags, { print }) => {
  const paths = handoffFiles(filesBelow(flags.in));
  if (paths.length === 0) throw new MkError(`${flags.in}: there is nothing to hand over`);
  const manifest = { schema_version: 'handoff_pack.v0', mk_version: VERSION, files: paths };
  const archive = packFiles('handoff', [
    ...paths.map((path) => ({
      path: `artifacts/${path}`,
      bytes: readFileSync(join(flags.in, path)),
    })),
    { path: 'README.md', bytes: Buffer.from(handoffReadme(paths)) },
    { path: 'handoff_manifest.json', bytes: Buffer.from(prettyJson(manifest)) },
  ]);
  writeFileSync(flags.out, archive);
  print(`${paths.length} files: ${flags.out}`);
  return EXIT.done;
};
