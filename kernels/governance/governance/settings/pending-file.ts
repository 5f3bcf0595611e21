import { join } from 'node:path';
import type { ConfigEntry } from '@holdfast/contracts';
import { replaceJson, type Logger } from '@holdfast/sdk';

/** `configs/pending.json`: how the last change of settings stands, for people and programs that look at files. */
export interface PendingFile {
  /** Brings the file up to date; rejects when it cannot be written. Calls at the same time share one write. */
  sync(): Promise<void>;
  /** The same for nobody who waits: a failure is logged. */
  follow(): void;
  /** Resolves when nothing is being written. */
  idle(): Promise<void>;
}

interface Options {
  readonly home: string;
  readonly log: Logger;
  /** Aborts when the kernel stops: the next process brings the file up to date. */
  readonly signal: AbortSignal;
  latest(): Promise<ConfigEntry | undefined>;
}

export const createPendingFile = ({ home, log, signal, latest }: Options): PendingFile => {
  const path = join(home, 'configs', 'pending.json');
  let written = '';
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  const write = async (): Promise<void> => {
    // What is asked for from here on has to look again.
    next = undefined;
    const entry = await latest();
    const text = JSON.stringify(entry);
    if (entry === undefined || text === written) return;
    await replaceJson(path, entry);
    written = text;
  };

  const sync = (): Promise<void> => {
    next ??= last.catch(() => {}).then(write);
    last = next;
    return next;
  };

  return {
    sync,
    follow() {
      sync().catch((error: unknown) => {
        if (!signal.aborted) log.error({ err: error }, 'writing configs/pending.json');
      });
    },
    idle: () => last.catch(() => {}),
  };
};
