import { open, stat, type FileHandle } from 'node:fs/promises';
import { fileProblem, oneLine } from '../input-error.ts';
import type { RecordResult } from '../observed.ts';

const NEWLINE = 0x0a;
/** Single lines are gathered up to about this much before they are written. */
const GATHER_CHARACTERS = 64 * 1024;

export interface RecordOptions {
  /** Where to record raw lines; no path: no recording. */
  recordTo?: string;
  /** Behind what the file already holds, instead of from its start. */
  append?: boolean;
}

/** Writes raw lines as they came. Never throws: what went wrong stands in the result, and nothing more is written. */
export interface RawRecorder {
  /** Bytes as they are in the source; lines may be cut anywhere. */
  write(block: Buffer): Promise<void>;
  /** One line without its end. */
  line(text: string): Promise<void>;
  /** Ends the last line, closes the file. Twice is once. */
  close(): Promise<RecordResult>;
}

/** Undefined where no recording is asked for. `source`: the file that is being read, which must not be recorded over. */
export const openRecorder = async (
  options: RecordOptions,
  source?: string,
): Promise<RawRecorder | undefined> => {
  const path = options.recordTo;
  if (path === undefined) return undefined;
  const result: RecordResult = { path, lines_written: 0 };
  let file: FileHandle | undefined;
  let isLineOpen = false;

  const attempt = async (work: () => Promise<void>): Promise<void> => {
    if (result.error !== undefined) return;
    try {
      await work();
    } catch (cause) {
      result.error = oneLine(`cannot record to '${path}': ${fileProblem(cause)}`);
    }
  };
  const write = (block: Buffer) =>
    attempt(async () => {
      await file?.writeFile(block);
      result.lines_written += newlinesIn(block);
      if (block.length > 0) isLineOpen = block[block.length - 1] !== NEWLINE;
    });

  let gathered = '';
  const flush = async (): Promise<void> => {
    const block = Buffer.from(gathered);
    gathered = '';
    await write(block);
  };

  await attempt(async () => {
    if (source !== undefined && (await isSameFile(source, path)))
      result.error = oneLine(`cannot record to '${path}': it is the file that is read`);
    else file = await open(path, options.append ? 'a' : 'w');
  });
  return {
    write,
    line: async (text) => {
      gathered += `${text}\n`;
      if (gathered.length >= GATHER_CHARACTERS) await flush();
    },
    close: async () => {
      await flush();
      if (isLineOpen) await write(Buffer.from('\n'));
      const open = file;
      file = undefined;
      await open?.close().catch(() => undefined);
      return result;
    },
  };
};

async function isSameFile(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all(
    [a, b].map((path) => stat(path, { bigint: true }).catch(() => undefined)),
  );
  return left !== undefined && left.ino === right?.ino && left.dev === right.dev;
}

function newlinesIn(block: Buffer): number {
  let count = 0;
  for (let at = block.indexOf(NEWLINE); at !== -1; at = block.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
