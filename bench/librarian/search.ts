import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '@holdfast/store';
import type { NewDocument } from '../../kernels/agentic/librarian_kernel/library/document.ts';
import { documentId, sha256 } from '../../kernels/agentic/librarian_kernel/library/document-id.ts';
import { textPassages } from '../../kernels/agentic/librarian_kernel/files/file-document.ts';
import { openLibraryStore } from '../../kernels/agentic/librarian_kernel/library/library-store.ts';
import { librarianMigrations } from '../../kernels/agentic/librarian_kernel/migrations.ts';
import { createSearch } from '../../kernels/agentic/librarian_kernel/search/search-library.ts';
import { median, report } from '../lib/report.ts';

/**
 * 10,000 documents of 1 to 4 passages (words by Zipf's law from 20,000), indexed and then searched through the functions
 * of the kernel, on SQLite. The floor is the same search in memory: a scan of every text for one of the words.
 */
const DOCUMENTS = 10_000;
const SEARCHES = 500;
const BATCH = 100;

let seed = 7;
const random = (): number =>
  (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;

const vocabulary = Array.from({ length: 20_000 }, (_, n) => `w${n.toString(36)}${n % 7}`);
const word = (): string => vocabulary[Math.floor(20_000 ** random()) - 1]!;
const sentence = (): string => Array.from({ length: 12 }, word).join(' ');
const text = (n: number): string =>
  Array.from({ length: 8 + (n % 40) }, () => `${sentence()}.\n`).join('\n');

const toDocument = (n: number): NewDocument => {
  const body = text(n);
  const source = `bench:${n}`;
  return {
    id: documentId(source),
    origin: 'text',
    kind: 'text',
    title: sentence(),
    source,
    sha256: sha256(body),
    bytes: body.length,
    mtime_us: 0,
    position: 0,
    passages: textPassages(body, 'text'),
  };
};

const dir = mkdtempSync(join(tmpdir(), 'holdfast-bench-librarian-'));
const store = await openStore({ kernel: 'librarian', dir, migrations: librarianMigrations });
const library = await openLibraryStore(store);
const search = createSearch(store);
const documents = Array.from({ length: DOCUMENTS }, (_, n) => toDocument(n));
const passages = documents.reduce((sum, one) => sum + one.passages.length, 0);
const before = process.memoryUsage().rss;

const started = performance.now();
for (let at = 0; at < documents.length; at += BATCH) {
  const statements = [];
  for (const document of documents.slice(at, at + BATCH))
    statements.push(...(await library.put(document, '2026-01-01T00:00:00.000Z')));
  await store.write(statements);
}
const indexing = performance.now() - started;

const timed = async (work: () => unknown): Promise<number> => {
  const from = performance.now();
  await work();
  return performance.now() - from;
};
const times = async (query: () => string): Promise<number[]> => {
  const all: number[] = [];
  for (let n = 0; n < SEARCHES; n += 1) {
    const asked = query();
    all.push(await timed(() => search({ query: asked, limit: 10 })));
  }
  return all.sort((a, b) => a - b);
};
const rare = (): string => vocabulary[500 + Math.floor(random() * 19_000)]!;
const found = await times(() => `${rare()}`);
const pairs = await times(() => `${word()} ${rare()}`);
const common = await times(() => `${vocabulary[0]} ${vocabulary[1]}`);
const after = process.memoryUsage().rss;
const scan = await timed(() => {
  const wanted = rare();
  return documents.filter((one) => one.passages.some((passage) => passage.text.includes(wanted)));
});
await store.close();
rmSync(dir, { recursive: true, force: true });

const p99 = (values: readonly number[]): number => values[Math.floor(values.length * 0.99)]!;
report(`full-text search over ${DOCUMENTS} documents, ${passages} passages (SQLite)`, [
  { what: 'indexing, a document', value: indexing / DOCUMENTS, unit: 'ms', goal: { atMost: 1 } },
  { what: 'one rare word, p50', value: median(found), unit: 'ms', goal: { atMost: 5 } },
  { what: 'one rare word, p99', value: p99(found), unit: 'ms' },
  { what: 'a word and a rare word, p50', value: median(pairs), unit: 'ms', goal: { atMost: 20 } },
  { what: 'the two commonest words, p50', value: median(common), unit: 'ms' },
  { what: 'floor: scan of all texts in memory for one word', value: scan, unit: 'ms' },
  {
    what: 'memory that indexing and searching added',
    value: (after - before) / 2 ** 20,
    unit: 'MiB',
  },
]);
