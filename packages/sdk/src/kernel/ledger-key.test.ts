import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Store } from '@holdfast/store';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import type { EventDraft } from '../events/event-factory.ts';
import { createLogger } from '../log/logger.ts';
import { createLedgerKey, ledgerKeyMigration, type LedgerKey } from './ledger-key.ts';

let dir = '';
let store: Store;
let told: EventDraft[];
const open = async (): Promise<LedgerKey> => {
  store = await openStore({ kernel: 'receipts', dir, migrations: [ledgerKeyMigration] });
  return create();
};
const create = (): LedgerKey =>
  createLedgerKey({
    id: 'governance',
    store,
    clock: systemClock,
    log: createLogger('test', 'error', () => {}),
    commit: async (statements, events = []) => {
      told.push(...events);
      return store.write(statements);
    },
  });
beforeEach(() => {
  told = [];
  dir = mkdtempSync(join(tmpdir(), 'holdfast-ledger-key-'));
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

it('takes the first key, and no other one for ever after', async () => {
  const before = await open();
  expect(await before.trusts('one')).toBe(true);
  expect(await before.trusts('two')).toBe(false);
  expect(before.problem()).toContain('it is known by one');
  expect(await before.trusts('one')).toBe(true);
  expect(before.problem()).toBeUndefined();
  await store.close();
  const after = await open();
  expect(await after.trusts('two')).toBe(false);
  expect(await after.trusts('one')).toBe(true);
});

it('puts each other key on record once', async () => {
  const key = await open();
  for (const one of ['one', 'two', 'two', 'three', 'two']) await key.trusts(one);
  expect(told.map(({ type, subject, priority }) => [type, subject, priority])).toEqual(
    Array.from({ length: 2 }, () => ['governance.tripwire.alert', 'ledger', 'critical']),
  );
});

it('is one key of all that share a store, whoever learns it first', async () => {
  const all = [await open(), create(), create()];
  const answers = await Promise.all(all.map((one, index) => one.trusts(`key ${index}`)));
  expect(answers.filter(Boolean)).toHaveLength(1);
});
