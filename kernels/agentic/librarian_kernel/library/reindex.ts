import { lstat } from 'node:fs/promises';
import { isHoldfastError, type SkipReason } from '@holdfast/contracts';
import type { LibrarianConfig } from '../config.ts';
import { isWithin } from '../files/allowed-roots.ts';
import { walkFolder } from '../files/walk-folder.ts';
import type { BatchWriter } from './batch-writer.ts';
import { toLibraryDocument, type DocumentRow } from './document.ts';
import type { FileIndexer } from './index-files.ts';
import type { IngestionCount } from './ingestion-count.ts';
import type { LibraryStore } from './library-store.ts';
import type { RememberedPaths } from './remembered-paths.ts';

export interface ReindexParts {
  readonly config: LibrarianConfig;
  readonly library: LibraryStore;
  readonly remembered: RememberedPaths;
  readonly writer: BatchWriter;
  readonly indexer: FileIndexer;
  readonly count: IngestionCount;
  /** Folders that are looked through besides the remembered ones. */
  readonly always: readonly string[];
  /** The real path, if it may be read now: roots may have been taken away. */
  readonly allowed: (path: string) => Promise<string | undefined>;
  /** Throws when the kernel stops: what was committed stays, the rest is done at the next start. */
  readonly mayGoOn: () => void;
  readonly onProblem: (problem: string) => void;
}

interface Seen {
  readonly files: Set<string>;
  /** What could not be looked at: nothing below is taken for gone. */
  readonly unclear: string[];
}

const PAGE = 500;

const isTransient = (reason: SkipReason): boolean => reason === 'unreadable';

const exists = async (path: string): Promise<'folder' | 'file' | 'gone' | 'unclear'> => {
  try {
    return (await lstat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'gone' : 'unclear';
  }
};

const listCollection = async (
  parts: ReindexParts,
  path: string,
  seen: Seen,
): Promise<readonly string[]> => {
  const what = await exists(path);
  if (what === 'unclear') seen.unclear.push(path);
  const real = what === 'gone' ? undefined : await parts.allowed(path);
  if (real === undefined) return [];
  if (what === 'file') return [real];
  try {
    const { files, skipped } = await walkFolder(real, parts.config.max_files);
    for (const one of skipped) {
      parts.count.skip(one.path, one.reason);
      if (isTransient(one.reason)) seen.unclear.push(one.path);
    }
    return files;
  } catch (error) {
    if (!isHoldfastError(error, 'too_many_files')) throw error;
    parts.onProblem(error.message);
    seen.unclear.push(real);
    return [];
  }
};

const indexAll = async (parts: ReindexParts): Promise<Seen> => {
  const seen: Seen = { files: new Set(), unclear: [] };
  const excluded = await parts.remembered.exclusions();
  for (const collection of new Set([...parts.always, ...(await parts.remembered.collections())])) {
    for (const path of await listCollection(parts, collection, seen)) {
      parts.mayGoOn();
      if (excluded.has(path) || seen.files.has(path)) continue;
      const reason = await parts.indexer.index(path);
      if (reason === undefined || isTransient(reason)) seen.files.add(path);
    }
  }
  await parts.writer.flush();
  return seen;
};

const isGone = (row: DocumentRow, seen: Seen): boolean =>
  row.origin === 'file' &&
  !seen.files.has(row.source) &&
  !seen.unclear.some((path) => isWithin(row.source, path));

const removeVanished = async (parts: ReindexParts, seen: Seen): Promise<void> => {
  for (let after = ''; ;) {
    parts.mayGoOn();
    const page = await parts.library.list(after, PAGE);
    const gone = page.filter((row) => isGone(row, seen));
    for (let at = 0; at < gone.length; at += 100) {
      const some = gone.slice(at, at + 100);
      await parts.writer.remove(some.map(toLibraryDocument), 'vanished');
      parts.count.add('removed', some.length);
    }
    if (page.length < PAGE) return;
    after = page.at(-1)!.id;
  }
};

/** Looks through every remembered file and folder; every commit on the way leaves the index whole. */
export const reindexFiles = async (parts: ReindexParts): Promise<void> => {
  await removeVanished(parts, await indexAll(parts));
};
