import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { filesBelow } from '../export/files-below.ts';
import { packFiles } from '../export/packed.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT, MkError } from '../frame/mk-error.ts';
import type { exportFlags } from '../table/eval-flags.ts';

/** Packs a folder of artifacts into an archive that is the same for the same content, with a list of checksums. */
export const exportBundle: CommandRun<typeof exportFlags> = async (flags, { print }) => {
  const target = resolve(flags.out);
  const files = filesBelow(flags.in).filter((path) => resolve(flags.in, path) !== target);
  if (files.length === 0) throw new MkError(`${flags.in}: there is nothing to pack`);
  const packed = files.map((path) => ({ path, bytes: readFileSync(join(flags.in, path)) }));
  writeFileSync(flags.out, packFiles('bundle', packed));
  print(`${files.length} files: ${flags.out}`);
  return EXIT.done;
};
