// Our guardian and its peers over the same 20 small services, in turns in the same run.
// Usage: node bench/supervise/run.mjs [--only Holdfast,PM2] [--kills 60] [--rounds 3] [--settle 5] [--seed 1]
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
    rounds: { type: 'string', default: '3' },
    settle: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
  },
});
const rounds = Number(values.rounds);
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

let end;
const start = (options) => startInstance({ ...options, began: (stopIt) => (end = stopIt) });
const stop = async () => {
  const ending = end;
  end = undefined;
  await ending?.();
};

/** What does harm to the instance, and so is done once. */
const measureRest = async (instance, random) => {
  const [forCrash, forTheft] = [instance.services.at(-1), instance.services.at(-2)];
  const hangs = await measureHangs(instance, random);
  const theft = await measureTheft(instance, forTheft);
  await delay(settleMs);
  return { hangs, theft, crash: await measureCrashLoop(instance, forCrash) };
};

/** Adds a round to the result: a fresh instance, its share of the kills, and in the last round the rest. */
const measureRound = async (contender, bench, isLast) => {
  const { adapter, found, result, random } = contender;
  const kills = Math.ceil(Number(values.kills ?? adapter.kills) / rounds);
  const instance = await start({ adapter, found, bench, count: SERVICES });
  result.starts.push(instance.startMs);
  await delay(settleMs);
  result.memory = measureMemory(instance);
  result.kills.push(await measureKills(instance, kills, random));
  if (isLast) Object.assign(result, await measureRest(instance, random));
  await stop();
};

const findContenders = async (bench) => {
  const contenders = [];
  for (const adapter of ADAPTERS.filter(({ name }) => wanted.includes(name.toLowerCase()))) {
    const found = await adapter.find(bench);
    if (found) {
      console.log(`${adapter.name} ${found.version}`);
      const result = { name: adapter.name, starts: [], kills: [] };
      contenders.push({ adapter, found, result, random: numbersFrom(Number(values.seed)) });
    } else console.log(`NOT MEASURED: ${adapter.name} is absent (${adapter.hint})`);
  }
  return contenders;
};

const measureAll = async (contenders, bench) => {
  const failed = new Set();
  for (let round = 1; round <= rounds; round += 1)
    for (const contender of contenders.filter((one) => !failed.has(one))) {
      try {
        await measureRound(contender, bench, round === rounds);
      } catch (error) {
        console.log(`FAILED: ${contender.adapter.name}: ${error.message}`);
        process.exitCode = 1;
        failed.add(contender);
        await stop();
      }
    }
  return contenders.filter((one) => !failed.has(one)).map(({ result }) => result);
};

/** Memory of our supervisor over as many children as a full stack has. */
const measureCrowd = async (found, bench) => {
  const instance = await start({ adapter: holdfast, found, bench, count: CROWD });
  await delay(settleMs);
  const memory = measureMemory(instance);
  await stop();
  return memory;
};

const cleanUp = (scratch) => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });

const leaveOnSignals = (scratch) => {
  const leave = (signal) => {
    console.error(`ending what was started: ${signal}`);
    void stop().finally(() => {
      cleanUp(scratch);
      process.exit(1);
    });
  };
  process.once('SIGINT', leave).once('SIGTERM', leave);
};

const main = async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'holdfast-bench-supervise-'));
  leaveOnSignals(scratch);
  let results = [];
  let crowd;
  try {
    const bench = {
      scratch,
      table: await loadKernelTable(scratch),
      peerService: await buildPeerService(scratch),
    };
    const load = loadavg()[0].toFixed(1);
    console.log(`node ${process.version}, ${cpus().length} CPUs, load ${load} before`);
    const contenders = await findContenders(bench);
    results = await measureAll(contenders, bench);
    const ours = contenders.find(({ adapter }) => adapter === holdfast);
    if (results.includes(ours?.result)) crowd = await measureCrowd(ours.found, bench);
  } finally {
    cleanUp(scratch);
  }
  console.log(`load ${loadavg()[0].toFixed(1)} after\n`);
  printTable(results);
  printMemory(results);
  printVerdicts(results, crowd);
};

if (process.platform === 'linux') await main();
else
  console.log('NOT MEASURED: memory and CPU of processes are read from /proc, which is of Linux');
