import { buildRouteMap } from '@stricli/core';
import { command, manyPositional, onePositional, stringFlag } from '../define-command.ts';

export const librarian = buildRouteMap({
  docs: { brief: 'Search runbooks, documents and what happened' },
  routes: {
    search: command({
      brief: 'Find passages, best first, with file and lines',
      positional: manyPositional('Words; put a phrase in quotes within quotes', 'WORD'),
      flags: {
        limit: stringFlag('How many', 'N', { default: '10' }),
        kind: stringFlag('Only this kind of document', 'KIND', { optional: true }),
      },
      load: async () => (await import('../commands/librarian-search.ts')).librarianSearch,
    }),
    ingest: command({
      brief: 'Index a file or a folder below one of the folders that the profile allows',
      positional: onePositional('File or folder', 'PATH'),
      load: async () => (await import('../commands/librarian-ingest.ts')).librarianIngest,
    }),
    sources: command({
      brief: 'List what is indexed',
      flags: {
        kind: stringFlag('Only this kind of document', 'KIND', { optional: true }),
        limit: stringFlag('How many', 'N', { default: '100' }),
      },
      load: async () => (await import('../commands/librarian-sources.ts')).librarianSources,
    }),
    forget: command({
      brief: 'Take a document out of the index',
      positional: onePositional('Document id', 'ID'),
      load: async () => (await import('../commands/librarian-forget.ts')).librarianForget,
    }),
    reindex: command({
      brief: 'Look through every file and folder again and read what changed',
      load: async () => (await import('../commands/librarian-ingest.ts')).librarianReindex,
    }),
  },
});
