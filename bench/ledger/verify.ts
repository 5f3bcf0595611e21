import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Event } from '@holdfast/contracts';
import { openStore } from '@holdfast/store';
import { openLedger } from '../../kernels/core/immutable_log/ledger.ts';
import { logMigrations } from '../../kernels/core/immutable_log/migrations.ts';
import { loadSigningKey } from '../../kernels/core/immutable_log/signing-key.ts';
import { report, type Figure } from '../lib/report.ts';

/** How long does a check of the whole ledger take, and does its memory grow with the ledger? Runs the shipped program. */
const SIZES = [100_000, 1_000_000];
const BATCH = 1000;
const program = new URL('../../dist/ledger-audit.js', import.meta.url).pathname;

const makeEvent = (n: number): Event => ({
  specversion: '1.0',
  id: `evt_${n}`,
  source: '/kernels/bench',
  type: 'bench.happened',
  time: '2026-01-01T00:00:00.000Z',
  datacontenttype: 'application/json',
  priority: 'normal',
  actor: 'bench',
  data: { text: 'x'.repeat(280), n },
});

const audit = (home: string): Promise<{ seconds: number; peakMb: number; entries: number }> =>
  new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, [program], {
      env: { ...process.env, HOLDFAST_HOME: home },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let peakKb = 0;
    const watch = setInterval(() => {
      try {
        peakKb = Number(
          /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? peakKb,
        );
      } catch {
        clearInterval(watch);
      }
    }, 20);
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.once('close', (code) => {
      clearInterval(watch);
      const result = JSON.parse(out) as { ok: boolean; entries: number };
      if (code !== 0 || !result.ok) reject(new Error(`audit failed: ${out.slice(0, 300)}`));
      else
        resolve({
          seconds: (performance.now() - started) / 1000,
          peakMb: peakKb / 1024,
          entries: result.entries,
        });
    });
  });

const home = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
const figures: Figure[] = [];
let written = 0;
for (const size of SIZES) {
  const store = await openStore({
    kernel: 'immutable_log',
    dir: join(home, 'data'),
    migrations: logMigrations,
  });
  const ledger = await openLedger(store, loadSigningKey(home));
  while (written < size) {
    await ledger.append(Array.from({ length: BATCH }, () => makeEvent(written++)));
  }
  await store.close();
  const { seconds, peakMb, entries } = await audit(home);
  const whole = size === SIZES.at(-1);
  figures.push({
    what: `check of ${entries.toLocaleString('en')} entries`,
    value: seconds,
    unit: 's',
    ...(whole ? { goal: { atMost: 10 } } : {}),
  });
  figures.push({ what: '  peak resident memory', value: peakMb, unit: 'MB' });
}
report('ledger verification', figures);
rmSync(home, { recursive: true, force: true });
