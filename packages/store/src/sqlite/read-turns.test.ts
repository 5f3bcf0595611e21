import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from '../open-store.ts';
import type { Store } from '../store.ts';

let dir: string;
let store: Store;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-turns-'));
  const migrations = [
    { version: 1, name: 'things', sql: ['CREATE TABLE things (n INTEGER NOT NULL)'] },
  ];
  store = await openStore({ kernel: 'turns', dir, migrations });
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

test('an endless loop of reads lets a write of its own through', async () => {
  let written = false;
  const writing = store
    .write([{ sql: 'INSERT INTO things (n) VALUES (1)' }])
    .then(() => (written = true));
  let reads = 0;
  while (!written) {
    await store.read('SELECT COUNT(*) AS count FROM things');
    reads += 1;
  }
  await writing;
  expect(reads).toBeGreaterThan(0);
  expect(await store.read('SELECT n FROM things')).toEqual([{ n: 1 }]);
});
