import { open, type FileHandle } from 'node:fs/promises';
import { fileProblem, InputError } from '../input-error.ts';

const BLOCK_BYTES = 256 * 1024;
/** Room before a block for the start of a line whose end is in it. */
const ROOM_BYTES = 64 * 1024;
/** The longest line or record that is read; more is no telemetry. */
const LONGEST_BYTES = 16 * 1024 * 1024;
const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Takes the bytes from `start` to `end`, which is behind a newline, and says up to where it used them. */
export type BlockReader = (bytes: Buffer, start: number, end: number, isLast: boolean) => number;

/**
 * Reads a file block by block, whatever its size, and calls back with whole lines while the next block is on its way. A
 * last line without a newline gets one; a byte order mark at the start is skipped. `tap` sees every block as it is in the file, before it is read. Throws
 * `file_unreadable` and `line_too_long`.
 */
export const readBlocks = async (
  path: string,
  reader: BlockReader,
  tap?: (block: Buffer) => Promise<void>,
): Promise<void> => {
  const file = await guarded(path, () => open(path, 'r'));
  try {
    await pump(path, file, reader, tap);
  } finally {
    await file.close();
  }
};

async function pump(
  path: string,
  file: FileHandle,
  reader: BlockReader,
  tap?: (block: Buffer) => Promise<void>,
): Promise<void> {
  const buffers = [newBuffer(), newBuffer()];
  const read = (into: Buffer) =>
    guarded(path, () => file.read(into, ROOM_BYTES, BLOCK_BYTES, null));
  let rest: Buffer = Buffer.alloc(0);
  let pending = read(buffers[0] as Buffer);
  for (let turn = 0; ; turn += 1) {
    const { bytesRead, buffer } = await pending;
    const block = buffer.subarray(ROOM_BYTES, ROOM_BYTES + bytesRead);
    const isLast = bytesRead === 0;
    if (tap && !isLast) await tap(block);
    const joined = join(rest, buffer, bytesRead);
    if (turn === 0 && block.subarray(0, 3).equals(BYTE_ORDER_MARK)) joined.start += 3;
    if (!isLast) pending = read(buffers[(turn + 1) % 2] as Buffer);
    try {
      rest = take(joined, reader, isLast);
    } finally {
      // The file is closed only when no read is under way.
      if (!isLast) await pending.catch(() => undefined);
    }
    if (isLast) return;
    if (rest.length > LONGEST_BYTES)
      throw new InputError(
        'line_too_long',
        `cannot read '${path}': a line or record is longer than 16 MiB`,
      );
  }
}

/** Room, block, and one byte for the newline that the last line may lack. */
const newBuffer = (): Buffer => Buffer.allocUnsafeSlow(ROOM_BYTES + BLOCK_BYTES + 1);

interface Held {
  bytes: Buffer;
  start: number;
  end: number;
}

/** Puts the start of a line before the block that goes on with it: into the room there, or together into a new buffer. */
function join(rest: Buffer, buffer: Buffer, bytesRead: number): Held {
  const start = ROOM_BYTES - rest.length;
  const end = ROOM_BYTES + bytesRead;
  if (start >= 0) {
    rest.copy(buffer, start);
    return { bytes: buffer, start, end };
  }
  const bytes = Buffer.concat([rest, buffer.subarray(ROOM_BYTES, end), Buffer.of(NEWLINE)]);
  return { bytes, start: 0, end: bytes.length - 1 };
}

/** Hands the whole lines to the reader; returns what it left. */
function take({ bytes, start, end }: Held, reader: BlockReader, isLast: boolean): Buffer {
  let linesEnd = bytes.subarray(start, end).lastIndexOf(NEWLINE) + 1 + start;
  if (isLast && end > start && linesEnd < end) {
    bytes[end] = NEWLINE;
    linesEnd = end + 1;
  }
  if (linesEnd === start) return bytes.subarray(start, end);
  const used = reader(bytes, start, linesEnd, isLast);
  return bytes.subarray(used, Math.max(end, linesEnd));
}

async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const text = `cannot read '${path}': ${fileProblem(cause)}`;
    throw new InputError('file_unreadable', text, { cause });
  }
}
