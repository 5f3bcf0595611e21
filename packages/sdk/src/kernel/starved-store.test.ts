import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isStoreError, openStore } from '@holdfast/store';
import { expect, test } from 'vitest';
import { createLogger } from '../log/logger.ts';
import { toRefusal } from '../http/send.ts';
import { watchMemory } from './starved-store.ts';

/** SQLite takes a limit back only by a smaller one: this file runs in a process to itself. */
const starve = { version: 1, name: 'starve', sql: ['PRAGMA hard_heap_limit = 400000'] };
const hungry = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
  SELECT length(group_concat(hex(randomblob(2000)))) AS size FROM n`;

test('a store without memory is refused with retry, and never trusted again', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-starved-'));
  const opened = await openStore({ kernel: 'starved', dir, migrations: [starve] });
  try {
    const { store, starved } = watchMemory(opened);
    await store.read('SELECT 1 AS one');
    expect(starved()).toBe(false);
    const error = await store.read(hungry).catch((thrown: unknown) => thrown);
    expect(isStoreError(error, 'STORE_MEMORY')).toBe(true);
    expect(toRefusal(error, createLogger('t', 'fatal')).code).toBe('store_unavailable');
    expect(await store.read('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(starved()).toBe(true);
  } finally {
    await opened.close();
    rmSync(dir, { recursive: true, force: true });
  }
});
