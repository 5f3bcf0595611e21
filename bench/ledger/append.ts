import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Event } from '@holdfast/contracts';
import { openStore } from '@holdfast/store';
import Database from 'libsql';
import AsyncDatabase from 'libsql/promise';
import { leafBody } from '../../kernels/core/immutable_log/entry-row.ts';
import { openLedger } from '../../kernels/core/immutable_log/ledger.ts';
import { logMigrations } from '../../kernels/core/immutable_log/migrations.ts';
import { loadSigningKey } from '../../kernels/core/immutable_log/signing-key.ts';
import { median, report } from '../lib/report.ts';

/**
 * How many acknowledged appends a second does the ledger take from 16 callers, each waiting for its receipt, on SQLite
 * with synchronous=FULL? Disks and machines differ and change within seconds, so each round of the ledger stands between
 * rounds of its floor: the bare driver puts 16 rows of the same bytes, made beforehand, into the same table and commits
 * with the same synchronous=FULL, once with the COMMIT on a thread of the driver as the ledger does it, once in place.
 * It hashes, signs and checks nothing and answers nobody.
 */
const CALLERS = 16;
const SECONDS = 1.5;
const ROUNDS = 7;

const home = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
let counter = 0;
const makeEvent = (): Event => ({
  specversion: '1.0',
  id: `evt_${(counter += 1)}`,
  source: '/kernels/bench',
  type: 'bench.happened',
  time: new Date().toISOString(),
  datacontenttype: 'application/json',
  priority: 'normal',
  actor: 'bench',
  data: { text: 'x'.repeat(240), n: counter },
});

const diskFloor = (): number => {
  const file = openSync(join(home, 'floor'), 'w');
  const block = Buffer.alloc(512, 1);
  const end = performance.now() + 1000;
  let writes = 0;
  while (performance.now() < end) {
    writeSync(file, block);
    fdatasyncSync(file);
    writes += 1;
  }
  closeSync(file);
  return writes;
};

const store = await openStore({
  kernel: 'immutable_log',
  dir: join(home, 'data'),
  migrations: logMigrations,
});
const ledger = await openLedger(store, loadSigningKey(home));

const round = async (callers: number): Promise<number> => {
  const end = performance.now() + SECONDS * 1000;
  let acknowledged = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() < end) {
      await ledger.append([makeEvent()]);
      acknowledged += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return acknowledged / SECONDS;
};

const openFloor = (name: string) => {
  const db = new Database(join(home, `${name}.db`));
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 2000');
  db.exec(
    'CREATE TABLE entries (idx INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, leaf BLOB NOT NULL, body TEXT NOT NULL)',
  );
  const begin = db.prepare('BEGIN IMMEDIATE');
  const insert = db.prepare(
    `INSERT INTO entries VALUES ${Array(CALLERS).fill('(?,?,?,?)').join(',')}`,
  );
  const bodies = Array.from({ length: CALLERS }, () => leafBody(makeEvent()));
  const leaf = Buffer.alloc(32, 7);
  let rows = 0;
  const inPlace = (): unknown => db.exec('COMMIT');
  // The driver's two modules wrap the same native handle.
  const aside = (): unknown => AsyncDatabase.prototype.exec.call(db as never, 'COMMIT');
  return async (commit: 'in place' | 'aside'): Promise<number> => {
    const end = performance.now() + SECONDS * 1000;
    const before = rows;
    while (performance.now() < end) {
      begin.run();
      insert.run(bodies.flatMap((body) => [BigInt((rows += 1)), `evt_${rows}`, leaf, body]));
      if (commit === 'aside') await aside();
      else inPlace();
    }
    return (rows - before) / SECONDS;
  };
};

const disk = diskFloor();
const floor = openFloor('floor');
const ledgerRounds: number[] = [];
const asideRounds: number[] = [];
const inPlaceRounds: number[] = [];
for (let n = 0; n < ROUNDS; n += 1) {
  asideRounds.push(await floor('aside'));
  ledgerRounds.push(await round(CALLERS));
  inPlaceRounds.push(await floor('in place'));
}
const ratioTo = (floors: readonly number[]): number =>
  median(ledgerRounds.map((value, n) => value / floors[n]!));
const many = await round(256);
const single = await round(1);
report('ledger appends', [
  {
    what: `acknowledged appends with ${CALLERS} callers (median of ${ROUNDS})`,
    value: median(ledgerRounds),
    unit: '/s',
    goal: { atLeast: 30_000 },
  },
  {
    what: `floor: bare driver, ${CALLERS} rows a COMMIT on its thread`,
    value: median(asideRounds),
    unit: 'rows/s',
  },
  {
    what: `floor: bare driver, ${CALLERS} rows a COMMIT in place`,
    value: median(inPlaceRounds),
    unit: 'rows/s',
  },
  {
    what: 'ledger against the COMMIT on a thread (median of the rounds)',
    value: ratioTo(asideRounds),
    unit: 'x',
  },
  {
    what: 'ledger against the COMMIT in place (median of the rounds)',
    value: ratioTo(inPlaceRounds),
    unit: 'x',
  },
  { what: 'with 256 callers', value: many, unit: '/s' },
  { what: 'with 1 caller', value: single, unit: '/s' },
  { what: 'floor: write + fdatasync on this disk', value: disk, unit: '/s' },
]);
await store.close();
rmSync(home, { recursive: true, force: true });
