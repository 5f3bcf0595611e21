import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { codeOf, insertNote, names, notesMigration } from '../conformance/harness.ts';
import { openStore } from '../open-store.ts';
import type { Store, StoreOptions } from '../store.ts';
import { openConnection } from './connection.ts';

const root = mkdtempSync(join(tmpdir(), 'holdfast-sqlite-'));
const opened: Store[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
const newDir = () => join(root, `d${++folders}`);

async function open(dir: string, options?: Partial<StoreOptions>): Promise<Store> {
  const store = await openStore({ kernel: 'k', dir, migrations: [notesMigration], ...options });
  opened.push(store);
  return store;
}

const largeNote = (name: string, bytes: number) => ({
  sql: 'INSERT INTO notes (name, body) VALUES (?, ?)',
  params: [name, 'x'.repeat(bytes)],
});

it('runs with the journal, the sync level and the keys that durability needs', async () => {
  const store = await open(newDir());
  const rows = await store.read(
    'SELECT (SELECT journal_mode FROM pragma_journal_mode) AS journal, ' +
      '(SELECT synchronous FROM pragma_synchronous) AS sync, ' +
      '(SELECT foreign_keys FROM pragma_foreign_keys) AS keys',
  );
  expect(rows).toEqual([{ journal: 'wal', sync: 2, keys: 1 }]);
});

it.each([
  ['is not a database', (file: string) => writeFileSync(file, 'no database at all. '.repeat(400))],
  ['has a broken schema page', (file: string) => breakPage(file)],
])('says STORE_CORRUPT when the file %s', async (_name, spoil) => {
  const dir = newDir();
  await (await open(dir)).close();
  spoil(join(dir, 'k.db'));
  const opening = open(dir);
  expect(await codeOf(opening)).toBe('STORE_CORRUPT');
  await expect(opening).rejects.toThrow(join(dir, 'k.db'));
});

/** Keeps the header and ruins the root of the schema that follows it. */
function breakPage(file: string): void {
  const bytes = readFileSync(file);
  bytes.fill(0xee, 100, 4096);
  writeFileSync(file, bytes);
}

it('says STORE_IO for a reader without a file and for a folder in the place of one', async () => {
  const dir = newDir();
  expect(await codeOf(open(dir, { readonly: true }))).toBe('STORE_IO');
  mkdirSync(join(dir, 'k.db'), { recursive: true });
  expect(await codeOf(open(dir))).toBe('STORE_IO');
});

it('lets the event loop run while commits reach the disk', async () => {
  const store = await open(newDir());
  let turns = 0;
  let done = false;
  const count = () => {
    turns++;
    if (!done) setImmediate(count);
  };
  const commits = 40;
  setImmediate(count);
  for (let index = 0; index < commits; index++) await store.write([insertNote(`n${index}`)]);
  done = true;
  expect(turns).toBeGreaterThan(commits / 2);
});

it('answers a read asked during a commit with what that commit wrote', async () => {
  const store = await open(newDir());
  for (let index = 0; index < 20; index++) {
    const writing = store.write([insertNote(`n${index}`)]);
    const reading = new Promise<unknown[]>((resolve) =>
      process.nextTick(() => setImmediate(() => resolve(names(store)))),
    );
    await writing;
    expect(await reading).toHaveLength(index + 1);
  }
});

it('refuses only the callers whose rows are taken among many that insert alike', async () => {
  const store = await open(newDir());
  await store.write([insertNote('n7'), insertNote('n90')]);
  const before = store.stats().batches;
  const codes = await Promise.all(
    Array.from({ length: 120 }, (_, index) => codeOf(store.write([insertNote(`n${index}`, 1)]))),
  );
  const refused = codes.flatMap((code, index) => (code === 'resolved' ? [] : [[index, code]]));
  expect(refused).toEqual([
    [7, 'STORE_CONSTRAINT'],
    [90, 'STORE_CONSTRAINT'],
  ]);
  expect(store.stats().batches).toBe(before + 1);
  expect(new Set(await names(store)).size).toBe(120);
});

it('leaves nothing of many rows when a late one is refused, and keeps their order', async () => {
  const store = await open(newDir());
  const rows = Array.from({ length: 333 }, (_, index) => [`n${index}`]);
  const sql = 'INSERT INTO notes (name) VALUES (?)';
  expect(await codeOf(store.write([{ sql, many: [...rows, ['n5']] }]))).toBe('STORE_CONSTRAINT');
  expect(await names(store)).toEqual([]);
  expect((await store.write([{ sql, many: rows, expect: 333 }])).changes).toEqual([333]);
  expect(await names(store)).toEqual(rows.flat());
});

it('says STORE_LOCKED while another program writes into the file, and goes on after it', async () => {
  const dir = newDir();
  const store = await open(dir);
  const intruder = openConnection(join(dir, 'k.db'));
  intruder.exec('BEGIN IMMEDIATE');
  const codes = await Promise.all(
    ['a', 'b', 'c'].map((name) => codeOf(store.write([insertNote(name)]))),
  );
  expect(codes).toEqual(['STORE_LOCKED', 'STORE_LOCKED', 'STORE_LOCKED']);
  intruder.exec('ROLLBACK');
  intruder.close();
  await store.write([insertNote('d')]);
  expect(await names(store)).toEqual(['d']);
});

it('ends the scans in progress when it closes', async () => {
  const store = await open(newDir());
  const many = Array.from({ length: 30 }, (_, index) => [`n${index}`]);
  await store.write([{ sql: 'INSERT INTO notes (name) VALUES (?)', many }]);
  const pages = store.scan('SELECT name FROM notes', [], 10)[Symbol.asyncIterator]();
  expect((await pages.next()).value).toHaveLength(10);
  await store.close();
  expect(await codeOf(pages.next())).toBe('STORE_CLOSED');
  expect(await codeOf(store.scan('SELECT name FROM notes')[Symbol.asyncIterator]().next())).toBe(
    'STORE_CLOSED',
  );
});

it('rejects with STORE_IO what would pass the size limit, and goes on with what does not', async () => {
  const store = await open(newDir(), { maxBytes: 400_000 });
  const codes = await Promise.all([
    codeOf(store.write([largeNote('a', 1000)])),
    codeOf(store.write([insertNote('part'), largeNote('too large', 600_000)])),
    codeOf(store.write([largeNote('b', 1000)])),
  ]);
  expect(codes).toEqual(['resolved', 'STORE_IO', 'resolved']);
  await store.write([largeNote('c', 1000)]);
  expect(await names(store)).toEqual(['a', 'b', 'c']);
});

/** A disk of one megabyte, or the reason why there is none. */
function mountSmallDisk(dir: string): string | undefined {
  mkdirSync(dir, { recursive: true });
  if (process.platform !== 'linux') return 'only Linux has tmpfs';
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir]);
  return mount.status === 0 ? undefined : 'mount is not allowed here';
}

const smallDisk = newDir();
const noSmallDisk = mountSmallDisk(smallDisk);
const why = noSmallDisk === undefined ? '' : ` [SKIPPED: ${noSmallDisk}]`;

it.skipIf(noSmallDisk !== undefined)(
  `acknowledges nothing that a full disk lost, and goes on when there is room again${why}`,
  async () => {
    const ballast = join(smallDisk, 'ballast');
    try {
      const store = await open(smallDisk);
      writeFileSync(ballast, Buffer.alloc(300_000));
      const acknowledged: string[] = [];
      let refused = '';
      for (let index = 0; refused === '' && index < 200; index++) {
        const code = await codeOf(store.write([largeNote(`n${index}`, 10_000)]));
        if (code === 'resolved') acknowledged.push(`n${index}`);
        else refused = code;
      }
      expect(refused).toBe('STORE_IO');
      expect(await names(store)).toEqual(acknowledged);
      rmSync(ballast);
      await store.write([largeNote('after', 10_000)]);
      await store.close();
      expect(await names(await open(smallDisk))).toEqual([...acknowledged, 'after']);
    } finally {
      await Promise.all(opened.splice(0).map((store) => store.close()));
      // Lazily: the driver closes a file only when its statements are collected.
      spawnSync('umount', ['-l', smallDisk]);
    }
  },
);

it('leaves a log that was not yet checkpointed as it is when only read', async () => {
  const dir = newDir();
  const store = await open(dir);
  await store.write([insertNote('a'), insertNote('b')]);
  const copy = newDir();
  mkdirSync(copy);
  for (const name of ['k.db', 'k.db-wal']) copyFileSync(join(dir, name), join(copy, name));
  const before = ['k.db', 'k.db-wal'].map((name) => readFileSync(join(copy, name)));
  const reader = await open(copy, { readonly: true });
  expect(await names(reader)).toEqual(['a', 'b']);
  for await (const page of reader.scan('SELECT name FROM notes')) expect(page).toHaveLength(2);
  await reader.close();
  const after = ['k.db', 'k.db-wal'].map((name) => readFileSync(join(copy, name)));
  expect(after.map((bytes, index) => bytes.equals(before[index] as Buffer))).toEqual([true, true]);
});

it('lets the log be emptied after a scan that was left early', async () => {
  const dir = newDir();
  const store = await open(dir);
  const many = Array.from({ length: 500 }, (_, index) => [`n${index}`]);
  await store.write([{ sql: 'INSERT INTO notes (name) VALUES (?)', many }]);
  for await (const page of store.scan('SELECT name FROM notes', [], 10)) {
    expect(page).toHaveLength(10);
    break;
  }
  await store.write([insertNote('later')]);
  await store.close();
  const log = join(dir, 'k.db-wal');
  expect(existsSync(log) ? statSync(log).size : 0).toBe(0);
});
