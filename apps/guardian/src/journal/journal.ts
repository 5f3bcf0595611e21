import type { GuardianLog } from '../logs/guardian-log.ts';
import { toEvent } from './guardian-event.ts';
import type { JournalEntry, JournalLine, QueuedEvent, SnapshotLine } from './journal-entry.ts';
import { createJournalFile, type JournalFile } from './journal-file.ts';
import { createJournalState, type JournalState } from './journal-state.ts';
import { createJournalWriter } from './journal-writer.ts';

/** What the guardian remembers: healings, incidents, counts, and events on their way to the bus. */
export interface Journal {
  readonly state: JournalState;
  /** Takes effect at once and is on disk soon after; never throws. */
  append(entry: JournalEntry): void;
  /** Resolves when everything so far is on disk, or with false when it could not be written for now. */
  flush(): Promise<boolean>;
  /** `unpublished`: events that the bus does not have yet. */
  health(): { readonly ok: boolean; readonly unpublished: number };
  /** Events that are on disk and not yet acknowledged, from the oldest on. */
  unpublished(limit: number, bytes: number): QueuedEvent[];
  /** The bus has all events up to this number; `dropped` of them were given up. */
  acked(n: number, dropped?: number): void;
  /** Called when events became durable. */
  onDurable(listener: () => void): void;
  close(): Promise<void>;
}

export interface JournalOptions {
  /** `$HOLDFAST_HOME/guardian/journal.jsonl`. */
  readonly path: string;
  readonly log: GuardianLog;
  readonly now?: () => number;
  readonly file?: JournalFile;
  /** Size from which the file is replaced by a snapshot. */
  readonly compactBytes?: number;
}

const parse = (line: string): JournalLine | SnapshotLine | undefined => {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
};

/** Reads the journal of a home. Never rejects: without a readable file it begins anew and says so in the log. */
export const openJournal = async (options: JournalOptions): Promise<Journal> => {
  const { log, now = Date.now, file = createJournalFile(options.path) } = options;
  const state = createJournalState();
  let unreadable = 0;
  const take = (text: string): void => {
    const line = parse(text);
    if (line === undefined) unreadable += 1;
    else state.apply(line);
  };
  await file.load(take).catch((error: Error) => {
    log.error('could not read the journal', { error: error.message });
  });
  if (unreadable > 0) log.warn('left out lines of the journal', { unreadable });

  let durable = state.queue.next - 1;
  const listeners: (() => void)[] = [];
  const writer = createJournalWriter({
    file,
    log,
    compactBytes: options.compactBytes ?? 4 * 1024 * 1024,
    snapshot: () => state.lines(),
    mark: () => state.queue.next - 1,
    written: (mark) => {
      if (mark <= durable) return;
      durable = mark;
      for (const listener of listeners) listener();
    },
  });
  const write = (line: JournalLine): void => {
    state.apply(line);
    writer.add(JSON.stringify(line));
  };
  return {
    state,
    append({ events = [], ...entry }) {
      const first = state.queue.next;
      const queued = events.map((draft, index) => ({
        n: first + index,
        event: toEvent(draft, now()),
      }));
      write(queued.length === 0 ? entry : { ...entry, events: queued });
    },
    flush: writer.flush,
    health: () => ({ ok: writer.ok(), unpublished: state.queue.length }),
    unpublished: (limit, bytes) => state.queue.front(durable, limit, bytes),
    acked: (n, dropped = 0) => write(dropped === 0 ? { acked: n } : { acked: n, dropped }),
    onDurable: (listener) => void listeners.push(listener),
    close: writer.close,
  };
};
