import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, report } from '../lib/report.ts';

/**
 * From `up` to all healthy, from an empty home and from an existing one, and the memory of each process when idle. The
 * floor for both is a bare `node:http` process on the same machine.
 */
const ROUNDS = 5;
const IDLE_MS = 15_000;
const OFFSET = '31000';
const cli = fileURLToPath(new URL('../../bin/holdfast', import.meta.url));

interface Recorded {
  readonly name: string;
  readonly pid: number;
}

const pssMb = (pid: number): number =>
  Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) / 1024;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const bareServer = async (): Promise<{ ms: number; mb: number }> => {
  const started = performance.now();
  const code =
    "require('node:http').createServer((q, s) => s.end('ok')).listen(0, '127.0.0.1', () => console.log('up'))";
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const ms = performance.now() - started;
  await sleep(500);
  const mb = pssMb(child.pid!);
  child.kill();
  return { ms, mb };
};

const run = (home: string, ...args: string[]): number => {
  const started = performance.now();
  const env = { ...process.env, HOLDFAST_HOME: home, HOLDFAST_PORT_OFFSET: OFFSET, NO_COLOR: '1' };
  execFileSync(cli, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  return performance.now() - started;
};

const floor = await bareServer();
const fresh: number[] = [];
const again: number[] = [];
let memory: { name: string; mb: number }[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  fresh.push(run(home, 'up', '--detach'));
  if (round === ROUNDS - 1) {
    await sleep(IDLE_MS);
    const children = JSON.parse(
      readFileSync(join(home, 'run', 'processes.json'), 'utf8'),
    ) as Recorded[];
    const guardian = JSON.parse(
      readFileSync(join(home, 'run', 'guardian.json'), 'utf8'),
    ) as Recorded;
    memory = [...children, { ...guardian, name: 'guardian' }].map(({ name, pid }) => ({
      name,
      mb: pssMb(pid),
    }));
  }
  run(home, 'down');
  again.push(run(home, 'up', '--detach'));
  run(home, 'down');
  rmSync(home, { recursive: true, force: true });
}

const isKernel = ({ name }: { name: string }): boolean =>
  !['guardian', 'gateway', 'agent'].includes(name);
report('stack start', [
  {
    what: `from an empty home to all healthy, command included (median of ${ROUNDS})`,
    value: median(fresh) / 1000,
    unit: 's',
    goal: { atMost: 1.5 },
  },
  { what: 'from an existing home', value: median(again) / 1000, unit: 's', goal: { atMost: 1.5 } },
  {
    what: 'floor: one bare node:http process to its first word',
    value: floor.ms / 1000,
    unit: 's',
  },
]);
report('idle memory (PSS)', [
  ...memory.map((one) => ({
    what: one.name,
    value: one.mb,
    unit: 'MB',
    ...(isKernel(one) ? { goal: { atMost: 20 } } : {}),
  })),
  { what: 'floor: one bare node:http process', value: floor.mb, unit: 'MB' },
]);
