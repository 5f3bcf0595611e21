import { createHash } from 'node:crypto';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** sun_path of unix(7) holds 108 bytes on Linux and 104 on macOS, with the closing zero. */
const MAX_BYTES = 100;

/**
 * Where the guardian of a home listens for processes that outlived an earlier guardian. In `run/` of the home, which
 * only its owner may enter; a home with a long path gets a folder under the temporary one, named after both. A named
 * pipe on Windows.
 */
export const controlPathOf = (home: string): string => {
  const digest = createHash('sha256').update(home).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\holdfast-${digest}`;
  const plain = join(home, 'run', 'control.sock');
  if (Buffer.byteLength(plain) <= MAX_BYTES) return plain;
  return join(tmpdir(), `holdfast-${userInfo().uid}-${digest}`, 'control.sock');
};
