import { INPUTS } from './dataset.mjs';
import { readGpu } from './gpu.mjs';
import { knobTexts, readAnnotations, readKnobs } from './knobs.mjs';
import { openLoader } from './loader.mjs';
import { createNetwork } from './network.mjs';
import { parseSettings } from './settings.mjs';
import { trainFor } from './train.mjs';

const HIDDEN = 96;

/** A new loader trains for a while before it counts, as threads that start are no sign of trouble. */
const warmUpMs = (intervalMs) => Math.min(500, intervalMs / 4);

/** Milliseconds and percents are told to the microsecond. */
const round = (number, digits = 3) => Number(number.toFixed(digits));

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const loaderSettings = (knobs) => ({
  workers: knobs.dataloader_num_workers,
  prefetchFactor: knobs.dataloader_prefetch_factor,
  microbatchSize: knobs.microbatch_size,
  concurrency: knobs.concurrency,
});

/**
 * Trains until it is told to end. At the start of each loop it reads the annotations again; other knobs mean a new
 * loader, which goes on with the sample where the old one was.
 */
const train = async ({ annotationsFile, intervalMs, loops, node }) => {
  const network = createNetwork({ sizes: [INPUTS, HIDDEN, HIDDEN, 1] });
  let knobs;
  let loader;
  let opened = '';
  let step = 0;
  for (let loop = 0; loop < loops; loop += 1) {
    const annotations = readAnnotations(annotationsFile);
    const found = readKnobs(annotations ?? new Map(), knobs);
    ({ knobs } = found);
    const parts = knobs.grad_accum_steps;
    const settings = loaderSettings(knobs);
    if (JSON.stringify(settings) !== opened) {
      const from = loader?.position() ?? 0;
      await loader?.close();
      loader = openLoader({ ...settings, from });
      opened = JSON.stringify(settings);
      step += (await trainFor(network, loader, { parts, forMs: warmUpMs(intervalMs) })).steps;
      loader.takeLatencies();
    }
    const [done, gpu] = await Promise.all([
      trainFor(network, loader, { parts, forMs: intervalMs }),
      readGpu(),
    ]);
    step += done.steps;
    say({
      ts: new Date().toISOString(),
      step,
      event: 'knobs_snapshot',
      loss: round(done.loss, 6),
      throughput: round(done.throughput),
      step_time_ms: round(done.stepMs),
      data_wait_ms: round(done.waitMs),
      worker_latencies_ms: loader.takeLatencies().map((ms) => round(ms)),
      global_batch: knobs.grad_accum_steps * knobs.microbatch_size,
      knobs,
      knobs_kv: knobTexts(knobs),
      ...(annotations ? {} : { annotations: `absent: ${annotationsFile}` }),
      ...(found.rejected.length > 0 ? { knobs_rejected: found.rejected } : {}),
      ...(found.unused.length > 0 ? { knobs_unused: found.unused } : {}),
      ...(node ? { node } : {}),
      ...gpu,
    });
  }
  await loader?.close();
};

const end = (code, problem) => {
  if (problem) process.stderr.write(`ERROR: ${problem}\n`);
  process.exit(code);
};

/** As process 1 of a container a signal without a handler would be ignored. */
for (const signal of ['SIGTERM', 'SIGINT'])
  process.once(signal, () => {
    say({ ts: new Date().toISOString(), event: 'stopped', signal });
    end(0);
  });
process.stdout.on('error', () => end(1));

const { settings, usage, problem } = parseSettings(process.argv.slice(2), process.env);
if (problem) end(2, problem);
if (usage) process.stdout.write(usage);
else await train(settings).catch((error) => end(1, `training failed: ${error.message}`));
