import { HoldfastError, librarianApi } from '@holdfast/contracts';
import { createIdempotency, defineKernel, type Call } from '@holdfast/sdk';
import { configFromProfile, librarianConfig } from './config.ts';
import { INDEXED_EVENTS } from './events/event-document.ts';
import {
  EVENT_RETENTION,
  createEventIndexer,
  type EventRetention,
} from './events/event-indexer.ts';
import { checkIndex } from './library/check-index.ts';
import { isDocumentId } from './library/document-id.ts';
import { toLibraryDocument } from './library/document.ts';
import { createLibrarian, type Ingested } from './library/librarian.ts';
import { openLibraryStore } from './library/library-store.ts';
import { librarianMigrations } from './migrations.ts';
import { createSearch } from './search/search-library.ts';

/** Runs that nobody asked for are done in the name of the kernel. */
const OWN_ACTOR = 'librarian_kernel';

const FIRST_RUN_MS = 5_000;

const cursorOf = (cursor: string | undefined): string => {
  if (cursor === undefined) return '';
  if (!isDocumentId(cursor)) throw new HoldfastError('cursor_invalid', { cursor });
  return cursor;
};

/** The kernel with another retention than that of the product. */
export const defineLibrarian = (retention: EventRetention) =>
  defineKernel({
    id: 'librarian_kernel',
    api: librarianApi,
    config: { schema: librarianConfig, fromProfile: configFromProfile },
    needs: {},
    subscribes: INDEXED_EVENTS,
    migrations: librarianMigrations,
    async init(context) {
      const { store, clock, log, signal } = context;
      const library = await openLibraryStore(store);
      const search = createSearch(store);
      const librarian = createLibrarian(context, library);
      const onEvent = await createEventIndexer(context, library, retention);
      const idempotency = createIdempotency(store, clock);

      let firstRun: Promise<unknown> | undefined;
      /** A library that was never filled is being filled now: its first caller wants to find something. */
      const whenFilled = async (): Promise<void> => {
        if (firstRun === undefined || (await library.count('runbook')) > 0) return;
        await Promise.race([firstRun, clock.sleep(FIRST_RUN_MS, signal)]);
      };
      const searchFilled = async (input: Parameters<typeof search>[0]) => {
        await whenFilled();
        return search(input);
      };

      /** The run itself commits the answer under the caller's key. */
      const once = async (
        call: Call,
        input: unknown,
        run: (
          closing: (answer: Ingested) => ReturnType<typeof idempotency.remember>,
        ) => Promise<Ingested>,
      ): Promise<Ingested> =>
        (await idempotency.replay<Ingested>(call, 'ingestDocuments', input)) ??
        run((answer) => idempotency.remember(call, 'ingestDocuments', input, answer));

      return {
        handlers: {
          search: searchFilled,
          searchHere: searchFilled,
          ingestDocuments: (input, call) =>
            once(call, input, (closing) =>
              'path' in input
                ? librarian.ingestPath(input.path, call.principal.id, closing)
                : librarian.ingestText(input, call.principal.id, closing),
            ),
          async listDocuments({ limit, cursor, kind }) {
            const rows = await library.list(cursorOf(cursor), limit, kind);
            return {
              items: rows.map(toLibraryDocument),
              total: await library.count(kind),
              next_cursor: rows.length < limit ? null : rows.at(-1)!.id,
            };
          },
          async removeDocument({ id }, call) {
            await librarian.remove(id, call.principal.id);
            return { removed: true };
          },
          reindex: (_input, call) => librarian.reindex(call.principal.id),
        },
        onEvent,
        start() {
          firstRun = librarian.reindex(OWN_ACTOR).catch((error: unknown) => {
            if (!signal.aborted) log.error({ err: error }, 'indexing failed');
          });
        },
        async health() {
          const { ok, detail } = await checkIndex(store, library);
          const doing = librarian.busy() ? 'at work' : 'idle';
          const problem = librarian.lastProblem();
          return [
            { name: 'index', ok, detail },
            // A folder that cannot be read does not make the kernel ill: a restart would not help.
            {
              name: 'ingestion',
              ok: true,
              detail: problem === undefined ? doing : `${doing}, last problem ${problem}`,
            },
          ];
        },
        metrics: () => [
          '# TYPE holdfast_librarian_busy gauge',
          `holdfast_librarian_busy ${librarian.busy() ? 1 : 0}`,
        ],
        busy: () => (librarian.busy() ? 'indexing' : undefined),
        stop: () => librarian.idle(),
      };
    },
  });

export const librarianKernel = defineLibrarian(EVENT_RETENTION);
