import { EVENT_TYPES, type LibraryDocument } from '@holdfast/contracts';
import type { EventDraft, KernelContext } from '@holdfast/sdk';
import type { Statement } from '@holdfast/store';
import { INDEX_VERSION, toLibraryDocument, type NewDocument } from './document.ts';
import type { LibraryStore } from './library-store.ts';

/** What one run of an ingestion wrote, gathered into commits of a bearable size, each with the event that tells of it. */
export interface BatchWriter {
  put(document: NewDocument, isNew: boolean): Promise<void>;
  touch(id: string, mtimeUs: number): Promise<void>;
  remove(documents: readonly LibraryDocument[], reason: 'vanished' | 'requested'): Promise<void>;
  /** Goes into the next commit. */
  also(statements: readonly Statement[]): void;
  flush(): Promise<void>;
  /** The first 100 documents that were put. */
  readonly written: readonly LibraryDocument[];
}

const MAX_DOCUMENTS = 100;
const MAX_PASSAGES = 400;
const MAX_LISTED = 100;
/** Stamps are not events: they may wait until there are this many. */
const MAX_STATEMENTS = 500;

const brief = ({ id, source, kind, sha256 }: LibraryDocument) => ({ id, source, kind, sha256 });

export const createBatchWriter = (
  context: Pick<KernelContext<unknown, Readonly<Record<never, never>>>, 'commit' | 'clock'>,
  library: LibraryStore,
  actor: string,
): BatchWriter => {
  const written: LibraryDocument[] = [];
  let statements: Statement[] = [];
  let passages = 0;
  let added: LibraryDocument[] = [];
  let updated: LibraryDocument[] = [];
  let removals: EventDraft[] = [];

  const events = (): EventDraft[] => {
    if (added.length + updated.length === 0) return removals;
    const data = { added: added.map(brief), updated: updated.map(brief) };
    return [...removals, { type: EVENT_TYPES.documentsIngested, actor, data }];
  };

  const flush = async (): Promise<void> => {
    if (statements.length === 0) return;
    await context.commit(statements, events());
    statements = [];
    passages = 0;
    added = [];
    updated = [];
    removals = [];
  };

  return {
    written,
    flush,
    also(more) {
      statements.push(...more);
    },
    async put(document, isNew) {
      const indexed_at = context.clock.iso();
      statements.push(...(await library.put(document, indexed_at)));
      const row = { ...document, indexed_at, index_version: INDEX_VERSION };
      const listed = toLibraryDocument({ ...row, passages: document.passages.length });
      (isNew ? added : updated).push(listed);
      if (written.length < MAX_LISTED) written.push(listed);
      passages += document.passages.length;
      if (added.length + updated.length >= MAX_DOCUMENTS || passages >= MAX_PASSAGES) await flush();
    },
    async touch(id, mtimeUs) {
      statements.push(library.touch(id, mtimeUs));
      if (statements.length >= MAX_STATEMENTS) await flush();
    },
    async remove(documents, reason) {
      if (documents.length === 0) return;
      statements.push(...library.remove(documents.map(({ id }) => id)));
      const data = { reason, documents: documents.map(brief) };
      removals.push({ type: EVENT_TYPES.documentsRemoved, actor, data });
      await flush();
    },
  };
};
