import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Event } from '@holdfast/contracts';
import { openStore } from '@holdfast/store';
import { openLedger } from '../../kernels/core/immutable_log/ledger.ts';
import { logMigrations } from '../../kernels/core/immutable_log/migrations.ts';
import { loadSigningKey } from '../../kernels/core/immutable_log/signing-key.ts';
import { median, report } from '../lib/report.ts';

/**
 * How many acknowledged appends a second does the ledger take from 16 callers, each waiting for its receipt, on SQLite
 * with synchronous=FULL? The floor is this disk: 512 bytes and fdatasync, one after the other.
 */
const CALLERS = 16;
const SECONDS = 3;
const ROUNDS = 3;

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

const floor = diskFloor();
const rounds: number[] = [];
for (let n = 0; n < ROUNDS; n += 1) rounds.push(await round(CALLERS));
const many = await round(256);
const single = await round(1);
report('ledger appends', [
  {
    what: `acknowledged appends with ${CALLERS} callers (median of ${ROUNDS})`,
    value: median(rounds),
    unit: '/s',
    goal: { atLeast: 30_000 },
  },
  { what: 'with 256 callers', value: many, unit: '/s' },
  { what: 'with 1 caller', value: single, unit: '/s' },
  { what: 'floor: write + fdatasync on this disk', value: floor, unit: '/s' },
  {
    what: 'appends with 16 callers for each fdatasync of the floor',
    value: median(rounds) / floor,
    unit: 'x',
  },
]);
await store.close();
rmSync(home, { recursive: true, force: true });
