import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError, type IngestionReport, type LibraryDocument } from '@holdfast/contracts';
import type { Statement } from '@holdfast/store';
import type { LibrarianContext } from '../config.ts';
import { createAllowedRoots, expandRoots } from '../files/allowed-roots.ts';
import { textPassages } from '../files/file-document.ts';
import { findProductDocs } from '../files/product-docs.ts';
import { walkFolder } from '../files/walk-folder.ts';
import { createBatchWriter, type BatchWriter } from './batch-writer.ts';
import { documentId, sha256 } from './document-id.ts';
import { cleanText, toLibraryDocument, type NewDocument } from './document.ts';
import { createFileIndexer } from './index-files.ts';
import { createIngestionCount, type IngestionCount } from './ingestion-count.ts';
import type { LibraryStore } from './library-store.ts';
import { reindexFiles } from './reindex.ts';
import { createRememberedPaths } from './remembered-paths.ts';

export type GivenText = Pick<NewDocument, 'title' | 'kind' | 'source'> & { readonly text: string };
export type Ingested = IngestionReport & { documents: LibraryDocument[] };
/** Statements for the last commit of a run, made from its answer. */
export type Closing = (answer: Ingested) => Statement[];

/** Everything that puts files and texts into the index or takes them out, one run at a time. */
export interface Librarian {
  ingestPath(path: string, actor: string, closing: Closing): Promise<Ingested>;
  ingestText(given: GivenText, actor: string, closing: Closing): Promise<Ingested>;
  remove(id: string, actor: string): Promise<void>;
  reindex(actor: string): Promise<IngestionReport>;
  /** True while a run is under way. */
  busy(): boolean;
  /** Resolves when no run is under way; one that is ends at the next file once the kernel stops. */
  idle(): Promise<void>;
  lastProblem(): string | undefined;
}

const isReserved = (source: string): boolean => /^([/\\]|[a-z]:[/\\]|event:)/i.test(source.trim());

export const createLibrarian = (context: LibrarianContext, library: LibraryStore): Librarian => {
  const { config, store, clock, home, log, signal } = context;
  const docs = findProductDocs();
  const roots = createAllowedRoots(expandRoots(config.roots, { home, docs }));
  const remembered = createRememberedPaths(store);
  const always = [...(docs === undefined ? [] : [docs]), join(home, 'library')];
  let tail: Promise<unknown> = Promise.resolve();
  let running = 0;
  let problem: string | undefined;

  const oneByOne = <T>(task: () => Promise<T>): Promise<T> => {
    running += 1;
    const run = tail.then(task).finally(() => {
      running -= 1;
    });
    tail = run.catch(() => undefined);
    return run;
  };

  const mayGoOn = (): void => {
    if (signal.aborted) throw new HoldfastError('kernel_unavailable', { kernel: context.id });
  };

  const noteProblem = (text: string): void => {
    problem = `${clock.iso()}: ${text}`;
    log.warn({ problem: text }, 'indexing');
  };

  const begin = (actor: string) => {
    const writer = createBatchWriter(context, library, actor);
    const count = createIngestionCount();
    return { writer, count, indexer: createFileIndexer(config, library, writer, count) };
  };

  const finish = async (writer: BatchWriter, count: IngestionCount, closing: Closing) => {
    const answer = { ...count.report(), documents: [...writer.written] };
    writer.also(closing(answer));
    await writer.flush();
    return answer;
  };

  const ingestFolder = async (path: string, actor: string, closing: Closing): Promise<Ingested> => {
    const { files, skipped } = await walkFolder(path, config.max_files);
    const { writer, count, indexer } = begin(actor);
    writer.also(await remembered.remember(path));
    for (const one of skipped) count.skip(one.path, one.reason);
    for (const file of files) {
      mayGoOn();
      await indexer.index(file);
    }
    return finish(writer, count, closing);
  };

  const ingestFile = async (path: string, actor: string, closing: Closing): Promise<Ingested> => {
    const { writer, count, indexer } = begin(actor);
    writer.also(await remembered.remember(path));
    const reason = await indexer.index(path);
    if (reason === 'secret') throw new HoldfastError('path_secret', { path });
    if (reason !== undefined) throw new HoldfastError('file_not_indexable', { path, reason });
    return finish(writer, count, closing);
  };

  const toDocument = ({ title, kind, source, text }: GivenText): NewDocument => ({
    id: documentId(source),
    origin: 'text',
    kind,
    title: cleanText(title),
    source,
    sha256: sha256(text),
    bytes: Buffer.byteLength(text),
    mtime_us: 0,
    position: 0,
    passages: textPassages(text, kind),
  });

  return {
    ingestPath: (path, actor, closing) =>
      oneByOne(async () => {
        mayGoOn();
        const found = await roots.resolve(path);
        const isFolder = (await lstat(found)).isDirectory();
        return (isFolder ? ingestFolder : ingestFile)(found, actor, closing);
      }),
    ingestText: (given, actor, closing) =>
      oneByOne(async () => {
        const source = cleanText(given.source);
        if (isReserved(source)) throw new HoldfastError('source_reserved', { source });
        const document = toDocument({ ...given, source, text: cleanText(given.text) });
        const { writer, count } = begin(actor);
        const before = await library.find(document.id);
        if (before?.sha256 === document.sha256 && before.title === document.title)
          count.add('unchanged');
        else {
          await writer.put(document, before === undefined);
          count.add(before === undefined ? 'added' : 'updated');
        }
        return finish(writer, count, closing);
      }),
    remove: (id, actor) =>
      oneByOne(async () => {
        const row = await library.find(id);
        if (row === undefined) throw new HoldfastError('document_not_found', { id });
        const { writer } = begin(actor);
        if (row.origin === 'file') writer.also(remembered.exclude(row.source));
        await writer.remove([toLibraryDocument(row)], 'requested');
      }),
    reindex: (actor) =>
      oneByOne(async () => {
        problem = undefined;
        const parts = begin(actor);
        const allowed = (path: string): Promise<string | undefined> =>
          roots.resolve(path).catch(() => undefined);
        try {
          await reindexFiles({
            ...parts,
            config,
            library,
            remembered,
            always,
            allowed,
            mayGoOn,
            onProblem: noteProblem,
          });
        } catch (error) {
          if (!signal.aborted) noteProblem(error instanceof Error ? error.message : 'failed');
          throw error;
        }
        return parts.count.report();
      }),
    busy: () => running > 0,
    async idle() {
      while (running > 0) await tail;
    },
    lastProblem: () => problem,
  };
};
