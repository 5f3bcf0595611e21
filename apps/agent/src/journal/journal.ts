import { mkdir, open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentTask, TaskResult } from '@holdfast/contracts';
import { replaceFile } from '../replace-file.ts';
import { parseJournal, type JournalLine, type SpawnLine } from './journal-lines.ts';

export type StepTask = Extract<AgentTask, { type: 'apply_step' }>;

/** What the journal knows of one step. Without `result` it was not finished. */
export interface JournalEntry {
  readonly id: string;
  readonly task: StepTask;
  readonly receivedMs: number;
  readonly children: readonly SpawnLine[];
  readonly result: TaskResult | undefined;
}

/** The agent's memory over its own death. Every method resolves when the line is on the disk. */
export interface Journal {
  /** The entry of a task; `acked` for one whose result the stack has stored. */
  find(id: string): JournalEntry | 'acked' | undefined;
  /** Entries whose result the stack has not acknowledged, oldest first. */
  entries(): JournalEntry[];
  received(id: string, task: StepTask, atMs: number): Promise<void>;
  spawned(line: Omit<SpawnLine, 't'>): Promise<void>;
  finished(id: string, result: TaskResult): Promise<void>;
  acked(id: string): Promise<void>;
  /** Lines that could not be read when the journal was opened. */
  readonly damaged: number;
  close(): Promise<void>;
}

const ACKED_KEPT = 1000;
const COMPACT_AFTER_LINES = 4000;

interface Memory {
  readonly entries: Map<string, JournalEntry>;
  readonly acked: Set<string>;
}

/** The one place that says what a line means, for lines that are read and lines that are written. */
const apply = ({ entries, acked }: Memory, line: JournalLine): void => {
  const entry = entries.get(line.id);
  switch (line.t) {
    case 'task':
      if (line.task.type !== 'apply_step' || entry || acked.has(line.id)) return;
      entries.set(line.id, {
        id: line.id,
        task: line.task,
        receivedMs: line.at_ms,
        children: [],
        result: undefined,
      });
      return;
    case 'spawn':
      if (entry) entries.set(line.id, { ...entry, children: [...entry.children, line] });
      return;
    case 'result':
      if (entry) entries.set(line.id, { ...entry, result: line.result });
      return;
    case 'acked':
      entries.delete(line.id);
      acked.add(line.id);
      for (const id of acked) {
        if (acked.size <= ACKED_KEPT) break;
        acked.delete(id);
      }
  }
};

const linesOf = ({ entries, acked }: Memory): JournalLine[] => [
  ...[...acked].map((id): JournalLine => ({ t: 'acked', id })),
  ...[...entries.values()].flatMap((entry): JournalLine[] => [
    { t: 'task', id: entry.id, at_ms: entry.receivedMs, task: entry.task },
    ...entry.children,
    ...(entry.result ? [{ t: 'result', id: entry.id, result: entry.result } as const] : []),
  ]),
];

const textOf = (lines: readonly JournalLine[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');

const readText = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });

/** Opens `journal.jsonl` in the agent's directory: reads it, writes it anew without what is over, appends from there. */
export const openJournal = async (dir: string): Promise<Journal> => {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, 'journal.jsonl');
  const memory: Memory = { entries: new Map(), acked: new Set() };
  const { lines, damaged } = parseJournal(await readText(path));
  for (const line of lines) apply(memory, line);

  let file: FileHandle | undefined;
  let written = 0;
  const compact = async (): Promise<void> => {
    const before = file;
    file = undefined;
    await before?.close();
    await replaceFile(path, textOf(linesOf(memory)), 0o600);
    file = await open(path, 'a', 0o600);
    written = 0;
  };
  await compact();

  let writing: Promise<void> = Promise.resolve();
  // A write that failed may have left half a line: the file is written anew before anything follows it.
  let torn = false;
  const write = async (line: JournalLine): Promise<void> => {
    if (torn || written >= COMPACT_AFTER_LINES) await compact();
    torn = true;
    await file!.appendFile(textOf([line]));
    await file!.datasync();
    torn = false;
    written += 1;
    apply(memory, line);
  };
  const append = (line: JournalLine): Promise<void> => {
    const run = writing.then(() => write(line));
    writing = run.catch(() => undefined);
    return run;
  };

  return {
    damaged,
    find: (id) => memory.entries.get(id) ?? (memory.acked.has(id) ? 'acked' : undefined),
    entries: () => [...memory.entries.values()],
    received: (id, task, atMs) => append({ t: 'task', id, at_ms: atMs, task }),
    spawned: (line) => append({ t: 'spawn', ...line }),
    finished: (id, result) => append({ t: 'result', id, result }),
    acked: (id) => append({ t: 'acked', id }),
    async close() {
      await writing;
      await file?.close();
    },
  };
};
