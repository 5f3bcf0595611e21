import { createHash } from 'node:crypto';
import { tarOf, type TarEntry } from './tar.ts';

const VERIFY_SCRIPT = `#!/bin/sh
# Checks that every file of this bundle is the one that was packed.
set -eu
cd "$(dirname "$0")"
sha256sum -c SHA256SUMS
`;

/** A file as it goes into an archive; `path` is relative to the archive's one folder. */
export interface PackedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** An archive of one folder, the same for the same content, with a list of checksums and a script that checks them. */
export const packFiles = (folder: string, files: readonly PackedFile[]): Buffer => {
  const sums = files
    .map(({ path, bytes }) => `${createHash('sha256').update(bytes).digest('hex')}  ${path}\n`)
    .join('');
  const entries: TarEntry[] = files.map(({ path, bytes }) => ({
    path: `${folder}/${path}`,
    bytes,
    mode: path.endsWith('.sh') ? 0o755 : 0o644,
  }));
  return tarOf([
    ...entries,
    { path: `${folder}/SHA256SUMS`, bytes: Buffer.from(sums), mode: 0o644 },
    { path: `${folder}/verify.sh`, bytes: Buffer.from(VERIFY_SCRIPT), mode: 0o755 },
  ]);
};
