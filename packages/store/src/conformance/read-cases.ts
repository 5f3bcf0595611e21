import { expect, it } from 'vitest';
import { codeOf, insertNote, names } from './harness.ts';
import type { Harness } from './harness.ts';
import type { Store } from '../store.ts';

async function fill(store: Store, count: number): Promise<void> {
  const many = Array.from({ length: count }, (_, index) => [`n${index}`, index]);
  await store.write([{ sql: 'INSERT INTO notes (name, size) VALUES (?, ?)', many }]);
}

export function readCases({ open }: Harness): void {
  it('reads its own writes', async () => {
    const store = await open();
    for (let index = 0; index < 50; index++) {
      await store.write([insertNote(`n${index}`)]);
      expect(await store.read('SELECT count(*) AS n FROM notes')).toEqual([{ n: index + 1 }]);
    }
  });

  it('refuses to change anything in a read', async () => {
    const store = await open();
    await store.write([insertNote('a')]);
    expect(await codeOf(store.read('DELETE FROM notes'))).toBe('STORE_SQL');
    expect(await codeOf(store.read('DELETE FROM notes RETURNING seq'))).toBe('STORE_SQL');
    expect(await codeOf(store.read('SELECT nothing FROM notes'))).toBe('STORE_SQL');
    expect(await names(store)).toEqual(['a']);
  });

  it('orders text by its bytes and tells capitals apart in LIKE', async () => {
    const store = await open();
    for (const name of ['b', 'A', 'a', 'B', '_', '\u00e9']) await store.write([insertNote(name)]);
    const ordered = await store.read<{ name: string }>('SELECT name FROM notes ORDER BY name');
    expect(ordered.map((row) => row.name)).toEqual(['A', 'B', '_', 'a', 'b', '\u00e9']);
    expect(await store.read("SELECT name FROM notes WHERE name LIKE 'a%'")).toEqual([
      { name: 'a' },
    ]);
  });

  it('scans a result in pages', async () => {
    const store = await open();
    await fill(store, 2500);
    const pages: number[] = [];
    let total = 0;
    const sql = 'SELECT size FROM notes WHERE size >= ? ORDER BY size';
    for await (const page of store.scan<{ size: number }>(sql, [500], 1000)) {
      pages.push(page.length);
      for (const row of page) total += row.size;
    }
    expect(pages).toEqual([1000, 1000]);
    expect(total).toBe(((500 + 2499) * 2000) / 2);
    for await (const page of store.scan('SELECT size FROM notes WHERE size < 0')) {
      expect.fail(`a page of ${page.length} rows from an empty result`);
    }
  });

  it('scans one snapshot while writes go on, and lets go of it when left early', async () => {
    const store = await open();
    await fill(store, 1000);
    let seen = 0;
    for await (const page of store.scan('SELECT name FROM notes', [], 100)) {
      seen += page.length;
      await store.write([insertNote(`late${seen}`)]);
      await codeOf(store.write([insertNote(`late${seen}`)]));
    }
    expect(seen).toBe(1000);
    for await (const page of store.scan('SELECT name FROM notes', [], 10)) {
      expect(page).toHaveLength(10);
      break;
    }
    expect(await store.read('SELECT count(*) AS n FROM notes')).toEqual([{ n: 1010 }]);
  });

  it('rejects a scan that cannot run', async () => {
    const store = await open();
    const drain = async (sql: string) => {
      for await (const page of store.scan(sql)) expect(page).toBeDefined();
    };
    expect(await codeOf(drain('SELECT nothing FROM notes'))).toBe('STORE_SQL');
    expect(await codeOf(drain('DELETE FROM notes'))).toBe('STORE_SQL');
  });
}
