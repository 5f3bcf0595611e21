import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '@holdfast/store';
import { expect, test } from 'vitest';
import { textPassages } from '../files/file-document.ts';
import { librarianMigrations } from '../migrations.ts';
import { checkIndex } from './check-index.ts';
import { documentId } from './document-id.ts';
import { openLibraryStore } from './library-store.ts';

test('notices an index that lost its words, and one that cannot be read', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-check-'));
  const store = await openStore({ kernel: 'check', dir, migrations: librarianMigrations });
  const library = await openLibraryStore(store);
  expect(await checkIndex(store, library)).toEqual({ ok: true, detail: '0 documents' });
  const document = {
    id: documentId('a'),
    origin: 'text' as const,
    kind: 'text' as const,
    title: 'A',
    source: 'a',
    sha256: 'x',
    bytes: 5,
    mtime_us: 0,
    position: 0,
    passages: textPassages('alpha', 'text'),
  };
  await store.write(await library.put(document, '2026-01-01T00:00:00.000Z'));
  expect(await checkIndex(store, library)).toEqual({ ok: true, detail: '1 documents' });
  await store.write([{ sql: 'DELETE FROM passage_words' }]);
  expect(await checkIndex(store, library)).toMatchObject({ ok: false });
  await store.close();
  expect(await checkIndex(store, library)).toMatchObject({ ok: false });
  rmSync(dir, { recursive: true, force: true });
});
