import type { GuardianLog } from '../logs/guardian-log.ts';
import { LostLinesError, type JournalFile } from './journal-file.ts';

export interface JournalWriter {
  add(line: string): void;
  /** Whether everything that was added before is on disk after this attempt. */
  flush(): Promise<boolean>;
  /** Whether the last attempt to write succeeded. */
  ok(): boolean;
  close(): Promise<void>;
}

interface Options {
  readonly file: JournalFile;
  readonly log: GuardianLog;
  readonly compactBytes: number;
  /** Everything that was added so far, in short. */
  snapshot(): Iterable<string>;
  /** Where the journal stands now; handed to `written` once that is on disk. */
  mark(): number;
  written(mark: number): void;
}

/** Lines that wait beyond this many characters are dropped for a snapshot, which is bounded. */
const MAX_WAITING = 1024 * 1024;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;

/**
 * Writes lines in groups, each group with one sync. A disk that is full or away costs nothing but memory, of which it
 * takes a bounded amount: what could not be written is tried again until it can.
 */
export const createJournalWriter = (options: Options): JournalWriter => {
  const { file, log } = options;
  let waiting: string[] = [];
  let size = 0;
  let mustReplace = false;
  let compactAt = options.compactBytes;
  let ok = true;
  let closed = false;
  let retryMs = FIRST_RETRY_MS;
  let retry: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<boolean> | undefined;

  /** Takes what waits, hands it to `write`, and puts it back in front of what came meanwhile when that fails. */
  const withWaiting = async (write: (batch: readonly string[]) => Promise<void>): Promise<void> => {
    const batch = waiting;
    waiting = [];
    try {
      await write(batch);
    } catch (error) {
      waiting = mustReplace ? [] : [...batch, ...waiting];
      throw error;
    } finally {
      size = waiting.reduce((sum, line) => sum + line.length, 0);
    }
  };
  const compact = async (): Promise<void> => {
    const was = mustReplace;
    mustReplace = false;
    try {
      await file.replace(options.snapshot());
      compactAt = Math.max(options.compactBytes, file.size * 2);
    } catch (error) {
      mustReplace ||= was;
      compactAt = file.size + options.compactBytes;
      throw error;
    }
  };
  const append = async (batch: readonly string[]): Promise<void> => {
    try {
      if (batch.length > 0) await file.append(`${batch.join('\n')}\n`);
    } catch (error) {
      mustReplace ||= error instanceof LostLinesError;
      throw error;
    }
  };
  const attempt = async (): Promise<boolean> => {
    next = undefined;
    clearTimeout(retry);
    const mark = options.mark();
    try {
      await withWaiting(mustReplace || file.size > compactAt ? compact : append);
    } catch (error) {
      if (ok) log.error('could not write the journal', { error: (error as Error).message });
      ok = false;
      if (!closed) retry = setTimeout(() => void flush(), retryMs).unref();
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      return false;
    }
    if (!ok) log.info('the journal is written again');
    ok = true;
    retryMs = FIRST_RETRY_MS;
    options.written(mark);
    return true;
  };
  const flush = (): Promise<boolean> => {
    if (next === undefined) {
      next = last.then(attempt);
      last = next;
    }
    return next;
  };

  return {
    add(line) {
      waiting.push(line);
      size += line.length;
      if (size > MAX_WAITING) {
        waiting = [];
        size = 0;
        mustReplace = true;
      }
      void flush();
    },
    flush,
    ok: () => ok,
    async close() {
      await flush();
      closed = true;
      clearTimeout(retry);
      await file.close();
    },
  };
};
