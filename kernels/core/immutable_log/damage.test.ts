import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Event } from '@holdfast/contracts';
import { openStore, type Store } from '@holdfast/store';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLedger } from './ledger.ts';
import { logMigrations } from './migrations.ts';
import { loadSigningKey } from './signing-key.ts';

let home: string;
let store: Store;

const makeEvent = (n: number): Event => ({
  specversion: '1.0',
  id: `evt-${n}`,
  source: '/tests',
  type: 'test.happened',
  time: '2026-01-01T00:00:00.000Z',
  datacontenttype: 'application/json',
  priority: 'normal',
  actor: 'tester',
  data: { n },
});

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-damage-'));
  store = await openStore({
    kernel: 'immutable_log',
    dir: join(home, 'data'),
    migrations: logMigrations,
  });
  const ledger = await openLedger(store, loadSigningKey(home));
  for (let n = 0; n < 5; n += 1) await ledger.append([makeEvent(n)]);
});
afterEach(async () => {
  await store.close();
  rmSync(home, { recursive: true, force: true });
});

test.each([
  ['the signed head was taken away', 'DELETE FROM head'],
  ['the tail was cut', 'DELETE FROM entries WHERE idx >= 3'],
  [
    'the frontier was edited',
    `UPDATE head SET frontier = '{"size":5,"hashes":["${'ab'.repeat(32)}","${'cd'.repeat(32)}"]}'`,
  ],
  ['the frontier is unreadable', "UPDATE head SET frontier = '{'"],
  ['the head has no signature', "UPDATE head SET note = 'nothing'"],
])('a ledger is not signed on when %s', async (_, sql) => {
  await store.write([{ sql }]);
  await expect(openLedger(store, loadSigningKey(home))).rejects.toMatchObject({
    code: 'ledger_damaged',
  });
});

test('a whole ledger is opened again and goes on', async () => {
  const ledger = await openLedger(store, loadSigningKey(home));
  expect((await ledger.append([makeEvent(5)]))[0]).toMatchObject({ index: 5, duplicate: false });
});

test('an event without a canonical form is refused by code, and the ledger goes on', async () => {
  const ledger = await openLedger(store, loadSigningKey(home));
  const bad = { ...makeEvent(6), data: { text: 'x\ud800' } };
  await expect(ledger.append([bad])).rejects.toMatchObject({ code: 'invalid_input' });
  expect((await ledger.append([makeEvent(7)]))[0]).toMatchObject({ index: 5 });
});
