import type { FileHandle } from 'node:fs/promises';

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;
/** Far beyond any line that is ever written: this is no journal. */
const MAX_LINE_BYTES = 8 * 1024 * 1024;

/**
 * Hands each whole line to `take` and answers how many bytes they make up. What follows the last line end was torn off
 * and is left out. Rejects when a line has no end within 8 MiB. Holds one chunk and one line in memory at a time.
 */
export const readLines = async (
  file: FileHandle,
  take: (line: string) => void,
): Promise<number> => {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let rest: Buffer = Buffer.alloc(0);
  let position = 0;
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return position - rest.length;
    position += bytesRead;
    const data = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    let start = 0;
    for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, start)) {
      take(data.toString('utf8', start, end));
      start = end + 1;
    }
    rest = Buffer.from(data.subarray(start));
    if (rest.length > MAX_LINE_BYTES) throw new Error('a line is too long');
  }
};
