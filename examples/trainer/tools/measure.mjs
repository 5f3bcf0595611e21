import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * What each knob does to the trainer on this machine: runs it once per setting and prints a table. The first two loops
 * warm up and do not count; a figure is the median of the rest. Usage: node examples/trainer/tools/measure.mjs [loops] [rounds]
 */
const TRAINER = fileURLToPath(new URL('../trainer.mjs', import.meta.url));
const WARM_UP = 2;
const [loops = 5, rounds = 2] = process.argv.slice(2).map(Number);

const SETTINGS = [
  {},
  { grad_accum_steps: 1 },
  { grad_accum_steps: 8 },
  { grad_accum_steps: 16 },
  { microbatch_size: 8 },
  { microbatch_size: 16 },
  { microbatch_size: 64 },
  { dataloader_num_workers: 1 },
  { dataloader_num_workers: 2 },
  { dataloader_num_workers: 8 },
  { dataloader_prefetch_factor: 1 },
  { dataloader_prefetch_factor: 4 },
  { concurrency: 1 },
  { concurrency: 4 },
  { grad_accum_steps: 4, microbatch_size: 16 },
  { grad_accum_steps: 8, microbatch_size: 32 },
];

const folder = mkdtempSync(join(tmpdir(), 'trainer-measure-'));
const annotationsFile = join(folder, 'annotations');

const linesOf = (knobs) =>
  new Promise((resolve, reject) => {
    writeFileSync(
      annotationsFile,
      Object.entries(knobs)
        .map(([name, value]) => `modekeeper/knob.${name}="${value}"\n`)
        .join(''),
    );
    const child = spawn(process.execPath, [TRAINER, '--loops', String(WARM_UP + loops)], {
      env: {
        ...process.env,
        MODEKEEPER_ANNOTATIONS_FILE: annotationsFile,
        MODEKEEPER_LOOP_INTERVAL_S: '0.5',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (more) => (text += more));
    child.once('error', reject);
    child.once('close', () => resolve(text.trim().split('\n').slice(WARM_UP).map(JSON.parse)));
  });

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const COLUMNS = {
  step_ms: (line) => line.step_time_ms,
  wait_ms: (line) => line.data_wait_ms,
  'samples/s': (line) => line.throughput,
  worker_ms: (line) => median(line.worker_latencies_ms),
};

const seen = SETTINGS.map(() => []);
for (let round = 0; round < rounds; round += 1)
  for (const [index, knobs] of SETTINGS.entries()) seen[index].push(...(await linesOf(knobs)));
rmSync(folder, { recursive: true });
console.log(
  `| knobs (others as they start) | ${Object.keys(COLUMNS).join(' | ')} |\n|---|---|---|---|---|`,
);
for (const [index, knobs] of SETTINGS.entries()) {
  const name = Object.entries(knobs).map(([knob, value]) => `${knob}=${value}`);
  const figures = Object.values(COLUMNS).map((of) => median(seen[index].map(of)).toFixed(1));
  console.log(`| ${[name.join(' ') || '(start values)', ...figures].join(' | ')} |`);
}
