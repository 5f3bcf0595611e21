import { createHash } from 'node:crypto';
import { isMainThread } from 'node:worker_threads';
import { watchSharing } from './core/shared-json.ts';
import { installVirtualGlobals } from './core/virtual-globals.ts';
import { runHistory, type HistoryResult } from './history.ts';
import { createMachinery, type Machinery } from './machinery.ts';
import { options } from './options.ts';
import { runMany, work } from './run-many.ts';
import { shrink } from './shrink.ts';
import { openMemoryRows } from './store/memory-rows.ts';
import { openSqliteRows } from './store/sqlite-rows.ts';

const openMachinery = (): Machinery => {
  installVirtualGlobals();
  if (options.watch) watchSharing();
  if (!options.trace) Error.stackTraceLimit = 0;
  return createMachinery(options.store === 'sqlite' ? openSqliteRows : openMemoryRows);
};

/** A failure with the least that it takes, and how to see it again. */
const explain = async (machinery: Machinery, result: HistoryResult): Promise<void> => {
  const { seed } = result;
  const small = await shrink(result, options.without, (leftOut) =>
    runHistory(machinery, { seed, length: options.length, leftOut }),
  );
  const { problems, acts, struck } = small.result;
  for (const problem of problems) console.log(`  ${problem}`);
  console.log(`  it takes: ${[...acts, ...struck].join(', ') || 'nothing'}`);
  const length = options.length === undefined ? '' : ` --length ${options.length}`;
  const without = small.leftOut.length === 0 ? '' : ` --without '${small.leftOut.join(',')}'`;
  console.log(`  node tests/simulation/run.mjs --seed ${seed}${length}${without} --trace`);
};

const runOne = async (seed: number): Promise<void> => {
  const machinery = openMachinery();
  for (let other = 1; other <= options.after; other += 1)
    await runHistory(machinery, { seed: seed + other });
  const digest = createHash('sha256');
  const trace = (line: string): void => {
    digest.update(`${line}\n`);
    if (options.trace) console.log(line);
  };
  const isTraced = options.trace || options.digest;
  const leftOut = options.without;
  const result = await runHistory(machinery, {
    seed,
    length: options.length,
    leftOut,
    ...(isTraced ? { trace } : {}),
  });
  if (result.problems.length > 0) process.exitCode = 1;
  if (result.problems.length > 0 && options.shrink) await explain(machinery, result);
  const more = isTraced ? { digest: digest.digest('hex') } : {};
  console.log(JSON.stringify({ ...result, ...more }));
};

const runAll = async (): Promise<void> => {
  const sum = await runMany(options);
  const [first] = sum.failed;
  if (first !== undefined) {
    process.exitCode = 1;
    console.log(`seed ${first.seed} fails:`);
    const machinery = openMachinery();
    await explain(
      machinery,
      await runHistory(machinery, { seed: first.seed, length: options.length, leftOut: new Set() }),
    );
  }
  for (const { words, seeds } of sum.kinds)
    console.log(`${seeds.length} x ${words} (seeds ${seeds.slice(0, 5).join(', ')})`);
  const { failed, kinds: _, ...figures } = sum;
  const seeds = failed.slice(0, 20).map(({ seed }) => seed);
  console.log(JSON.stringify({ ...figures, failed: failed.length, seeds }));
};

if (!isMainThread) work(openMachinery(), options.length);
else if (options.seed !== undefined) await runOne(options.seed);
else await runAll();
