import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CommandRun } from '../frame/command.ts';
import { EXIT, MkError } from '../frame/mk-error.ts';
import { tarOf, type TarEntry } from '../export/tar.ts';
import type { exportFlags } from '../table/eval-flags.ts';

const VERIFY_SCRIPT = `#!/bin/sh
# Checks that every file of this bundle is the one that was packed.
set -eu
cd "$(dirname "$0")"
sha256sum -c SHA256SUMS
`;

/** The files below a folder, sorted. Links are left out: what they point at is not part of the folder. */
const filesBelow = (folder: string, below = ''): string[] =>
  readdirSync(join(folder, below))
    .toSorted()
    .flatMap((name) => {
      const path = below === '' ? name : `${below}/${name}`;
      const stat = lstatSync(join(folder, path));
      if (stat.isDirectory()) return filesBelow(folder, path);
      return stat.isFile() ? [path] : [];
    });

/** Packs a folder of artifacts into an archive that is the same for the same content, with a list of checksums. */
export const exportBundle: CommandRun<typeof exportFlags> = async (flags, { print }) => {
  const target = resolve(flags.out);
  const files = filesBelow(flags.in).filter((path) => resolve(flags.in, path) !== target);
  if (files.length === 0) throw new MkError(`${flags.in}: there is nothing to pack`);
  const entries: TarEntry[] = files.map((path) => ({
    path: `bundle/${path}`,
    bytes: readFileSync(join(flags.in, path)),
    mode: path.endsWith('.sh') ? 0o755 : 0o644,
  }));
  const sums = entries
    .map(({ path, bytes }) => {
      const digest = createHash('sha256').update(bytes).digest('hex');
      return `${digest}  ${path.slice('bundle/'.length)}\n`;
    })
    .join('');
  const archive = tarOf([
    ...entries,
    { path: 'bundle/SHA256SUMS', bytes: Buffer.from(sums), mode: 0o644 },
    { path: 'bundle/verify.sh', bytes: Buffer.from(VERIFY_SCRIPT), mode: 0o755 },
  ]);
  writeFileSync(flags.out, archive);
  print(`${files.length} files: ${flags.out}`);
  return EXIT.done;
};
