// Our guardian and its peers over the same 20 small services, one supervisor after the other in the same run.
// Usage: node bench/supervise/run.mjs [--only Holdfast,PM2] [--kills 60] [--starts 3] [--settle 5] [--seed 1]
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { holdfast } from './adapters/holdfast.mjs';
import { pm2 } from './adapters/pm2.mjs';
import { runit } from './adapters/runit.mjs';
import { s6 } from './adapters/s6.mjs';
import { supervisord } from './adapters/supervisord.mjs';
import { startInstance } from './instance.mjs';
import {
  measureCrashLoop,
  measureHangs,
  measureKills,
  measureMemory,
  measureTheft,
} from './measure.mjs';
import { buildPeerService, loadKernelTable } from './programs.mjs';
import { printMemory, printTable, printVerdicts } from './results.mjs';

const SERVICES = 20;
const CROWD = 25;
const ADAPTERS = [holdfast, pm2, runit, supervisord, s6];

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: ADAPTERS.map(({ name }) => name).join(',') },
    kills: { type: 'string' },
    starts: { type: 'string', default: '3' },
    settle: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
  },
});
const wanted = values.only.toLowerCase().split(',');
const settleMs = Number(values.settle) * 1_000;

/** Numbers in [0, 1) that a seed repeats: the same victims for every supervisor. A 32-bit linear congruence. */
const numbersFrom = (seed) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

let running;
const start = async (options) => (running = await startInstance(options));
const stop = async () => {
  const ending = running;
  running = undefined;
  await ending?.stop();
};

const measureOne = async (adapter, found, bench) => {
  const random = numbersFrom(Number(values.seed));
  const starts = [];
  for (let round = 1; round < Number(values.starts); round += 1) {
    starts.push((await start({ adapter, found, bench, count: SERVICES })).startMs);
    await stop();
  }
  const instance = await start({ adapter, found, bench, count: SERVICES });
  starts.push(instance.startMs);
  await delay(settleMs);
  const memory = measureMemory(instance);
  const kills = await measureKills(instance, Number(values.kills ?? adapter.kills), random);
  const hangs = await measureHangs(instance, random);
  const [forCrash, forTheft] = [instance.services.at(-1), instance.services.at(-2)];
  const theft = await measureTheft(instance, forTheft);
  await delay(settleMs);
  const crash = await measureCrashLoop(instance, forCrash);
  await stop();
  return { name: adapter.name, version: found.version, starts, memory, kills, hangs, theft, crash };
};

/** Memory of our supervisor over as many children as a full stack has. */
const measureCrowd = async (found, bench) => {
  const instance = await start({ adapter: holdfast, found, bench, count: CROWD });
  await delay(settleMs);
  const memory = measureMemory(instance);
  await stop();
  return memory;
};

const leave = (signal) => {
  console.error(`ending what was started: ${signal}`);
  void stop().finally(() => process.exit(1));
};
process.once('SIGINT', leave).once('SIGTERM', leave);

const main = async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'holdfast-bench-supervise-'));
  const results = [];
  let crowd;
  try {
    const bench = {
      scratch,
      table: await loadKernelTable(scratch),
      peerService: await buildPeerService(scratch),
    };
    const load = loadavg()[0].toFixed(1);
    console.log(`node ${process.version}, ${cpus().length} CPUs, load ${load} before`);
    for (const adapter of ADAPTERS.filter(({ name }) => wanted.includes(name.toLowerCase()))) {
      const found = await adapter.find(bench);
      if (!found) {
        console.log(`NOT MEASURED: ${adapter.name} is absent (${adapter.hint})`);
        continue;
      }
      console.log(`${adapter.name} ${found.version} ...`);
      try {
        results.push(await measureOne(adapter, found, bench));
        if (adapter === holdfast) crowd = await measureCrowd(found, bench);
      } catch (error) {
        console.log(`FAILED: ${adapter.name}: ${error.message}`);
        process.exitCode = 1;
        await stop();
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
  console.log();
  printTable(results);
  printMemory(results);
  printVerdicts(results, crowd);
};

if (process.platform === 'linux') await main();
else
  console.log('NOT MEASURED: memory and CPU of processes are read from /proc, which is of Linux');
