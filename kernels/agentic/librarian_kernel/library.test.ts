import { chmodSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startPostgres } from '@holdfast/testkit/postgres-server';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import {
  openLibraryWorld,
  type LibraryOptions,
  type LibraryWorld,
} from './test-support/library-world.ts';

const server = await startPostgres();
afterAll(() => server?.stop());
if (server === undefined)
  console.warn('SKIPPED: the librarian on PostgreSQL, for want of a server');

const engines = [
  { name: 'SQLite', run: describe, databaseUrl: undefined },
  {
    name: `PostgreSQL${server === undefined ? ' [SKIPPED: no server on this machine]' : ''}`,
    run: server === undefined ? describe.skip : describe,
    databaseUrl: server?.url,
  },
] as const;
let stores = 0;

for (const engine of engines)
  engine.run(`the librarian on ${engine.name}`, () => {
    let world: LibraryWorld;
    const target = () => ({ databaseUrl: engine.databaseUrl, storeName: `library_${stores}` });
    const open = async (options: LibraryOptions = {}): Promise<LibraryWorld> => {
      stores += 1;
      world = await openLibraryWorld({ ...options, ...target() });
      return world;
    };
    const sources = async (query: string): Promise<string[]> =>
      (await world.client.search({ query })).results.map(({ source }) =>
        source.replace(`${world.home}/library/`, ''),
      );
    afterEach(() => world.close());

    test('cites the passage: file, hash, lines, title, marked words', async () => {
      const { client, write } = await open();
      const lines = [
        '# Disk',
        '',
        'Intro',
        '',
        '## When it is full',
        '',
        'Free some space first.',
        '',
      ];
      const folder = write({ 'disk.md': lines.join('\n') });
      const answer = await client.ingestDocuments({ path: folder });
      expect(answer).toMatchObject({ added: 1, updated: 0, skipped: 0 });
      const { results, total } = await client.search({ query: 'free space' });
      expect(total).toBe(1);
      expect(results[0]).toEqual({
        id: answer.documents[0]!.id,
        title: 'Disk',
        heading: 'Disk > When it is full',
        kind: 'markdown',
        source: join(folder, 'disk.md'),
        sha256: answer.documents[0]!.sha256,
        lines: { from: 5, to: 7 },
        score: expect.any(Number),
        snippet: '## When it is full <mark>Free</mark> some <mark>space</mark> first.',
      });
      expect(await client.searchHere({ query: 'free space' })).toEqual(
        await client.search({ query: 'free space' }),
      );
    });

    test('ranks passages with all words above those with some', async () => {
      const { client, write } = await open();
      await client.ingestDocuments({
        path: write({
          'a.txt': 'guardian guardian guardian guardian',
          'b.txt': 'the long way of a guardian that restarts what had to be ended',
          'c.txt': 'nothing of that kind',
        }),
      });
      expect(await sources('guardian restarted')).toEqual(['b.txt', 'a.txt']);
      const { results } = await client.search({ query: 'guardian restarted' });
      expect(results[0]!.score).toBeGreaterThan(1);
      expect(results[1]!.score).toBeLessThan(1);
    });

    test('finds words in quotes only in their order', async () => {
      const { client, write } = await open();
      await client.ingestDocuments({
        path: write({
          'a.txt': 'kill the switch',
          'b.txt': 'a kill switch',
          'c.txt': 'kill_switch',
        }),
      });
      expect((await sources('"kill switch"')).sort()).toEqual(['b.txt', 'c.txt']);
    });

    test('answers any query, and any limit, kind and source with it', async () => {
      const { client, write } = await open();
      await client.ingestDocuments({ path: write({ 'a.txt': 'some words to find' }) });
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(
            fc.string({ unit: 'binary', maxLength: 60 }),
            fc.string({
              unit: fc.constantFrom(...`"'*():^-+&|!<>\\{}[]~ some words NOT NEAR`.split('')),
              maxLength: 60,
            }),
          ),
          fc.constantFrom(undefined, 'text' as const, 'event' as const),
          fc.constantFrom(undefined, '/', "'"),
          async (query, kind, source) => {
            const answer = await client.search({ query, kind, source });
            expect(answer.total).toBeLessThanOrEqual(1);
          },
        ),
      );
    });

    test('narrows to a kind and to sources that begin with a text', async () => {
      const { client, write } = await open();
      await client.ingestDocuments({
        path: write({ 'runbooks/a.md': 'disk', 'b.ts': 'disk', 'c.yaml': 'disk: 1' }),
      });
      const found = async (filter: object) =>
        (await client.search({ query: 'disk', ...filter })).results.map(({ kind }) => kind).sort();
      expect(await found({})).toEqual(['runbook', 'source', 'yaml']);
      expect(await found({ kind: 'source' })).toEqual(['source']);
      expect(await found({ source: join(world.home, 'library', 'runbooks') })).toEqual(['runbook']);
    });

    test('reads only what changed, and takes out what is gone', async () => {
      const { client, write, published, host } = await open();
      const folder = write({ 'a.txt': 'alpha', 'b.txt': 'beta', 'c.txt': 'gamma' });
      await client.ingestDocuments({ path: folder });
      write({ 'b.txt': 'beta changed' });
      utimesSync(join(folder, 'b.txt'), 1_000_000, 1_000_000);
      utimesSync(join(folder, 'a.txt'), 1_000_000, 1_000_000);
      rmSync(join(folder, 'c.txt'));
      write({ 'd.txt': 'delta' });
      expect(await client.reindex({})).toEqual({
        added: 1,
        updated: 1,
        unchanged: 1,
        removed: 1,
        skipped: 0,
        skipped_files: [],
      });
      expect(await client.reindex({})).toMatchObject({ added: 0, updated: 0, unchanged: 3 });
      expect(await sources('gamma')).toEqual([]);
      expect(await sources('changed')).toEqual(['b.txt']);
      await host.stop();
      const types = published.map(({ type, data }) => [type, Object.keys(data)]);
      expect(types).toEqual([
        ['librarian.documents.ingested', ['added', 'updated']],
        ['librarian.documents.ingested', ['added', 'updated']],
        ['librarian.documents.removed', ['reason', 'documents']],
      ]);
    });

    test('keeps its index over a restart and goes on where it was', async () => {
      const first = await open();
      const folder = first.write({ 'a.txt': 'alpha' });
      await first.client.ingestDocuments({ path: folder });
      await first.close({ keep: true });
      writeFileSync(join(folder, 'b.txt'), 'beta alpha');
      world = await openLibraryWorld({ home: first.home, ...target() });
      expect((await sources('alpha')).sort()).toEqual(['a.txt', 'b.txt']);
    });

    test('takes a document out and leaves it out until it is named again', async () => {
      const { client, write } = await open();
      const folder = write({ 'a.txt': 'alpha', 'b.txt': 'alpha' });
      await client.ingestDocuments({ path: folder });
      const [gone] = (await client.search({ query: 'alpha', source: join(folder, 'a') })).results;
      await client.removeDocument({ id: gone!.id });
      await expect(client.removeDocument({ id: gone!.id })).rejects.toMatchObject({
        code: 'document_not_found',
      });
      await client.reindex({});
      expect(await sources('alpha')).toEqual(['b.txt']);
      await client.ingestDocuments({ path: join(folder, 'a.txt') });
      expect((await sources('alpha')).sort()).toEqual(['a.txt', 'b.txt']);
    });

    test('replaces a given text of the same source, and answers a repeated key alike', async () => {
      const { client } = await open();
      const note = { title: 'Note', text: 'alpha\0beta \ud800', source: 'wiki:1' };
      const options = { idempotencyKey: 'k1' };
      const first = await client.ingestDocuments(note, options);
      expect(first).toMatchObject({ added: 1 });
      expect(await client.ingestDocuments(note, options)).toEqual(first);
      expect(await client.ingestDocuments(note)).toMatchObject({ added: 0, unchanged: 1 });
      const other = { ...note, text: 'gamma' };
      expect(await client.ingestDocuments(other)).toMatchObject({ updated: 1 });
      expect([await sources('beta'), await sources('gamma')]).toEqual([[], ['wiki:1']]);
      for (const source of ['/etc/x', 'event:1', 'C:\\x'])
        await expect(client.ingestDocuments({ ...note, source })).rejects.toMatchObject({
          code: 'source_reserved',
        });
    });

    test('lists documents page by page', async () => {
      const { client, write } = await open();
      await client.ingestDocuments({
        path: write({ 'a.txt': 'a', 'b.txt': 'b', 'c.md': 'c' }),
      });
      const one = await client.listDocuments({ limit: 2 });
      const two = await client.listDocuments({ limit: 2, cursor: one.next_cursor! });
      expect([one.total, one.items.length, two.items.length, two.next_cursor]).toEqual([
        3,
        2,
        1,
        null,
      ]);
      expect((await client.listDocuments({ kind: 'markdown' })).total).toBe(1);
      await expect(client.listDocuments({ cursor: 'x' })).rejects.toMatchObject({
        code: 'cursor_invalid',
      });
    });

    test('says in its health how much it knows', async () => {
      const { client, write, host } = await open();
      await client.ingestDocuments({ path: write({ 'a.txt': 'alpha' }) });
      const check = async () => (await host.health()).checks.find(({ name }) => name === 'index');
      expect(await check()).toEqual({ name: 'index', ok: true, detail: '1 documents' });
    });
  });

describe('what the librarian reads', () => {
  let world: LibraryWorld;
  afterEach(() => world.close());
  const refusal = (path: string) =>
    world.client.ingestDocuments({ path }).then(
      () => 'taken',
      (error: { code: string }) => error.code,
    );

  test('leaves out secrets, binaries, links and what is too large, and names each', async () => {
    world = await openLibraryWorld({ maxFileBytes: 1000 });
    const folder = world.write({
      'a.txt': 'alpha',
      '.env': 'TOKEN=alpha',
      'server.pem': 'alpha',
      'credentials.json': '{"alpha": 1}',
      'key.txt': '-----BEGIN EC PRIVATE KEY-----\nalpha\n',
      'image.bin': new Uint8Array([1, 0, 2]),
      'latin.txt': new Uint8Array([0x61, 0xff, 0x62]),
      'big.txt': 'alpha '.repeat(400),
      '.git/config': 'alpha',
      'wide.txt': Buffer.from('\ufeffalpha omega', 'utf16le'),
    });
    symlinkSync(join(folder, 'a.txt'), join(folder, 'link.txt'));
    const { added, skipped_files } = await world.client.ingestDocuments({ path: folder });
    const reasons = skipped_files.map(
      ({ path, reason }) => `${path.slice(folder.length + 1)}: ${reason}`,
    );
    expect(reasons.sort()).toEqual([
      '.env: secret',
      'big.txt: too large',
      'credentials.json: secret',
      'image.bin: binary',
      'key.txt: secret',
      'latin.txt: binary',
      'link.txt: symbolic link',
      'server.pem: secret',
    ]);
    expect(added).toBe(2);
    expect((await world.client.search({ query: 'omega' })).total).toBe(1);
  });

  test('refuses paths outside of its roots, with the reason', async () => {
    world = await openLibraryWorld();
    const folder = world.write({ 'a.txt': 'alpha', '.env': 'x', 'b.bin': new Uint8Array([0]) });
    const outside = join(world.home, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'x.txt'), 'omega');
    writeFileSync(join(world.home, 'library-x'), 'omega');
    symlinkSync(outside, join(folder, 'way'));
    symlinkSync(join(outside, 'x.txt'), join(folder, 'x.txt'));
    expect(await refusal(join(outside, 'x.txt'))).toBe('path_outside_roots');
    expect(await refusal(join(world.home, 'library-x'))).toBe('path_outside_roots');
    expect(await refusal('library/a.txt')).toBe('path_outside_roots');
    expect(await refusal(`${folder}/../outside/x.txt`)).toBe('path_escape');
    expect(await refusal(join(folder, 'way'))).toBe('path_escape');
    expect(await refusal(join(folder, 'way', 'x.txt'))).toBe('path_escape');
    expect(await refusal(join(folder, 'x.txt'))).toBe('path_escape');
    expect(await refusal(join(folder, 'nothing'))).toBe('path_not_found');
    expect(await refusal(join(folder, '.env'))).toBe('path_secret');
    expect(await refusal(join(folder, 'b.bin'))).toBe('file_not_indexable');
    expect(await refusal(join(folder, 'a.txt'))).toBe('taken');
    expect((await world.client.search({ query: 'omega' })).total).toBe(0);
  });

  test('refuses a folder of too many files before it reads any', async () => {
    world = await openLibraryWorld({ maxFiles: 2 });
    const folder = world.write({ 'a.txt': 'a', 'b.txt': 'b', 'c/d.txt': 'c' });
    expect(await refusal(folder)).toBe('too_many_files');
    expect((await world.client.listDocuments({})).total).toBe(0);
    const checks = (await world.host.health()).checks;
    expect(checks.every(({ ok }) => ok)).toBe(true);
  });

  test.skipIf(process.getuid?.() === 0)(
    `keeps what lies in a folder that cannot be read${process.getuid?.() === 0 ? ' [SKIPPED: root reads everything]' : ''}`,
    async () => {
      world = await openLibraryWorld();
      const folder = world.write({ 'deep/a.txt': 'alpha' });
      await world.client.ingestDocuments({ path: folder });
      chmodSync(join(folder, 'deep'), 0);
      expect(await world.client.reindex({})).toMatchObject({ removed: 0, skipped: 1 });
      chmodSync(join(folder, 'deep'), 0o700);
    },
  );

  test('may be cut in the middle of a folder, and reads the rest at its next start', async () => {
    world = await openLibraryWorld();
    const files = Array.from({ length: 1000 }, (_, n) => [`${n}.txt`, `number${n}`] as const);
    const code = refusal(world.write(Object.fromEntries(files)));
    while ((await world.client.listDocuments({})).total === 0);
    await world.close({ keep: true });
    expect(await code).toBe('kernel_unavailable');
    world = await openLibraryWorld({ home: world.home });
    expect((await world.client.listDocuments({})).total).toBe(1000);
    expect((await world.client.search({ query: 'number999' })).total).toBe(1);
  });

  test('brings the documents of the product with it', async () => {
    world = await openLibraryWorld({ roots: ['$HOLDFAST_DOCS'] });
    const { results } = await world.client.search({ query: 'disk is full', kind: 'runbook' });
    expect(results[0]!.source).toMatch(/docs\/runbooks\/disk-full\.md$/);
  });

  test('indexes 20,000 documents and finds one among them', async () => {
    world = await openLibraryWorld();
    const files = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, n) => [
        `${n % 100}/${n}.txt`,
        `report number${n}\nthe kernel was restarted by the guardian\n`,
      ]),
    );
    const answer = await world.client.ingestDocuments({ path: world.write(files) });
    expect(answer.added).toBe(20_000);
    const { results } = await world.client.search({ query: 'number12345 guardian' });
    expect(results[0]!.source).toMatch(/\/12345\.txt$/);
    const many = await world.client.search({ query: 'guardian' });
    expect([many.total, many.total_is_exact]).toEqual([1000, false]);
  }, 120_000);
});
