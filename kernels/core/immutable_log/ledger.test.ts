import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Event } from '@holdfast/contracts';
import {
  hashLeaf,
  openCheckpoint,
  parseVerifierKey,
  verifyConsistency,
  verifyInclusion,
} from '@holdfast/merkle';
import { openStore, type Store } from '@holdfast/store';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { auditLedger } from './audit-ledger.ts';
import { leafBody } from './entry-row.ts';
import { createEntrySearch } from './entry-search.ts';
import { createLabels } from './labels.ts';
import { openLedger, type Ledger } from './ledger.ts';
import { logMigrations } from './migrations.ts';
import { consistencyHashes, inclusionProof } from './proofs.ts';
import { loadSigningKey } from './signing-key.ts';

let home: string;
let store: Store;
let ledger: Ledger;
let key: string;

const open = async (): Promise<void> => {
  store = await openStore({
    kernel: 'immutable_log',
    dir: join(home, 'data'),
    migrations: logMigrations,
  });
  const signer = loadSigningKey(home);
  key = signer.verifierKey;
  ledger = await openLedger(store, signer);
};

const makeEvent = (n: number, data: Record<string, unknown> = {}): Event => ({
  specversion: '1.0',
  id: `evt-${n}`,
  source: '/tests',
  type: 'test.happened',
  time: '2026-01-01T00:00:00.000Z',
  datacontenttype: 'application/json',
  priority: 'normal',
  actor: 'tester',
  data: { n, ...data },
});
const makeEvents = (count: number, from = 0): Event[] =>
  Array.from({ length: count }, (_, n) => makeEvent(from + n));
const audit = (witness?: string) =>
  auditLedger({
    store,
    verifierKey: key,
    ...(witness === undefined ? {} : { witnesses: [witness] }),
  });

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-ledger-'));
  await open();
});
afterEach(async () => {
  await store.close();
  rmSync(home, { recursive: true, force: true });
});

test('keeps the order of concurrent appends and signs what it acknowledges', async () => {
  const answers = await Promise.all(makeEvents(300).map((event) => ledger.append([event])));
  expect(answers.map(([receipt]) => receipt!.index)).toEqual(
    Array.from({ length: 300 }, (_, n) => n),
  );
  const checkpoint = openCheckpoint(ledger.head().note, {
    origin: ledger.origin,
    verifiers: [parseVerifierKey(key)],
  });
  expect(checkpoint.size).toBe(300);
  expect(await audit()).toMatchObject({ ok: true, entries: 300, problems: [] });
});

test('gives an event that comes again its first place, and refuses other content under its id', async () => {
  await ledger.append(makeEvents(3));
  const [again, fresh] = await ledger.append([makeEvent(1), makeEvent(9)]);
  expect(again).toMatchObject({ index: 1, duplicate: true });
  expect(fresh).toMatchObject({ index: 3, duplicate: false });
  await expect(ledger.append([makeEvent(2, { other: true })])).rejects.toMatchObject({
    code: 'entry_conflict',
  });
  const [a, b] = await Promise.all([
    ledger.append([makeEvent(20)]),
    ledger.append([makeEvent(20)]),
  ]);
  expect([a[0]!.index, b[0]!.index]).toEqual([4, 4]);
  expect(await audit()).toMatchObject({ ok: true, entries: 5 });
});

test('goes on from the stored frontier after a restart', async () => {
  await ledger.append(makeEvents(777));
  const before = ledger.head();
  await store.close();
  await open();
  expect(ledger.head()).toEqual(before);
  await ledger.append(makeEvents(10, 1000));
  expect(await audit()).toMatchObject({ ok: true, entries: 787 });
});

test('proves every entry, and that a later tree extends an earlier one', async () => {
  await ledger.append(makeEvents(600));
  const search = createEntrySearch(store, createLabels(store));
  const { size, root, note } = ledger.head();
  const checkpoint = { origin: ledger.origin, size, root: root.toString('hex'), note, key };
  for (const index of [0, 1, 255, 256, 511, 512, 599]) {
    const proof = await inclusionProof(store, await search.find(String(index)), checkpoint);
    const hashes = proof.hashes.map((hash) => Buffer.from(hash, 'hex'));
    expect(
      verifyInclusion({ index, size, leafHash: hashLeaf(proof.body), proof: hashes, root }),
    ).toBe(true);
  }
  await ledger.append(makeEvents(300, 1000));
  const hashes = (await consistencyHashes(store, size, 900, 900)).map((hash) =>
    Buffer.from(hash, 'hex'),
  );
  const grown = ledger.head().root;
  expect(
    verifyConsistency({
      firstSize: size,
      secondSize: 900,
      firstRoot: root,
      secondRoot: grown,
      proof: hashes,
    }),
  ).toBe(true);
});

test('finds any single tampering with the stored rows and says where', async () => {
  await ledger.append(makeEvents(700));
  await ledger.append(makeEvents(300, 700));
  const tamper = fc.record({
    index: fc.integer({ min: 0, max: 999 }),
    kind: fc.constantFrom('body', 'id', 'leaf', 'delete', 'truncate', 'rewrite'),
  });
  await fc.assert(
    fc.asyncProperty(tamper, async ({ index, kind }) => {
      const saved = await store.read<Record<string, never>>(
        'SELECT * FROM entries WHERE idx >= ? ORDER BY idx',
        [index],
      );
      const row = saved[0]!;
      const body = String(row['body']).replace('"tester"', '"nobody"');
      const edits = {
        body: { sql: 'UPDATE entries SET body = ? WHERE idx = ?', params: [body, index] },
        id: { sql: "UPDATE entries SET id = 'evt-other' WHERE idx = ?", params: [index] },
        leaf: { sql: 'UPDATE entries SET leaf = ? WHERE idx = ?', params: [hashLeaf('x'), index] },
        delete: { sql: 'DELETE FROM entries WHERE idx = ?', params: [index] },
        truncate: { sql: 'DELETE FROM entries WHERE idx >= ?', params: [index] },
        rewrite: {
          sql: 'UPDATE entries SET body = ?, leaf = ? WHERE idx = ?',
          params: [body, hashLeaf(body), index],
        },
      };
      await store.write([edits[kind]]);
      const result = await audit();
      expect(result.ok).toBe(false);
      const places = result.problems.map((problem) => [
        problem.range?.start ?? problem.index!,
        problem.range?.end ?? problem.index! + 1,
      ]);
      expect(places.some(([start, end]) => start! <= index && index < end!)).toBe(true);
      const columns = Object.keys(row);
      const marks = columns.map(() => '?').join(', ');
      await store.write([
        { sql: 'DELETE FROM entries WHERE idx >= ?', params: [index] },
        {
          sql: `INSERT INTO entries (${columns.join(', ')}) VALUES (${marks})`,
          many: saved.map((old) => columns.map((column) => old[column]!)),
        },
      ]);
      expect((await audit()).ok).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test('finds a ledger that was cut back to an older signed state by a checkpoint seen elsewhere', async () => {
  await ledger.append(makeEvents(256));
  const [old] = await store.read<{ size: number; note: string; frontier: string }>(
    'SELECT size, note, frontier FROM head',
  );
  await ledger.append(makeEvents(100, 256));
  const witness = ledger.head().note;
  await store.write([
    { sql: 'DELETE FROM entries WHERE idx >= 256' },
    { sql: 'DELETE FROM checkpoints WHERE size > 256' },
    {
      sql: 'UPDATE head SET size = ?, note = ?, frontier = ?',
      params: [old!.size, old!.note, old!.frontier],
    },
  ]);
  expect((await audit()).ok).toBe(true);
  const seen = await audit(witness);
  expect(seen.ok).toBe(false);
  expect(seen.problems[0]).toMatchObject({ kind: 'truncated', index: 256 });
});

test('finds entries that were slipped in behind the signed head', async () => {
  await ledger.append(makeEvents(5));
  const body = leafBody(makeEvent(99));
  await store.write([
    {
      sql: "INSERT INTO entries (idx, id, leaf, body) VALUES (5, 'evt-99', ?, ?)",
      params: [hashLeaf(body), body],
    },
  ]);
  expect((await audit()).problems[0]).toMatchObject({ kind: 'unsigned', index: 5 });
});

test('finds entries by their labels, also right after they were appended and after a restart', async () => {
  const own = { ...makeEvent(1), type: 'change.done', actor: 'ann', correlationid: 'chg_1' };
  await ledger.append([makeEvent(0), own, ...makeEvents(700, 2)]);
  const find = (filter: object) =>
    createEntrySearch(store, createLabels(store)).page({ order: 'asc', limit: 10, ...filter });
  expect((await find({ correlation: 'chg_1', actor: 'ann' })).rows.map((row) => row.idx)).toEqual([
    1,
  ]);
  expect((await find({ type: 'test.happened' })).total).toBe(701);
  await store.close();
  await open();
  await ledger.append([{ ...makeEvent(9000), correlationid: 'chg_1' }]);
  const search = createEntrySearch(store, createLabels(store));
  expect((await search.find('chg_1')).idx).toBe(702);
  await expect(search.find('chg_2')).rejects.toMatchObject({ code: 'entry_not_found' });
});
