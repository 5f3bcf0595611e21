import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createLogParser } from '@holdfast/telemetry';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runProgram } from '../harness/run-program.ts';
import { ROOT } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

const PROGRAM = join(ROOT, 'examples/trainer/trainer.mjs');

interface Line {
  readonly ts: string;
  readonly event: string;
  readonly step: number;
  readonly loss: number;
  readonly throughput: number;
  readonly step_time_ms: number;
  readonly worker_latencies_ms: number[];
  readonly knobs: Record<string, number>;
  readonly knobs_kv: string[];
  readonly [field: string]: unknown;
}

let folder = '';
let running: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trainer-'));
  running = [];
});

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** As the kubelet does: the new file takes the place of the old one in one go. */
const annotate = (annotations: Record<string, string>): void => {
  const lines = Object.entries(annotations).map(
    ([key, value]) => `${key}=${JSON.stringify(value)}`,
  );
  writeFileSync(join(folder, 'next'), `${lines.join('\n')}\n`);
  renameSync(join(folder, 'next'), join(folder, 'annotations'));
};

const environment = (more: Record<string, string> = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  MODEKEEPER_ANNOTATIONS_FILE: join(folder, 'annotations'),
  MODEKEEPER_LOOP_INTERVAL_S: '0',
  ...more,
});

/** A PATH on which `nvidia-smi` is this shell script and nothing else is found. */
const stubOnPath = (script: string): string => {
  const file = join(folder, 'nvidia-smi');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return folder;
};

/** A trainer, its lines as they come, and its end. */
const startTrainer = (env: NodeJS.ProcessEnv = environment()) => {
  const child = spawn(process.execPath, [PROGRAM], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  running.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    ended: once(child, 'exit') as Promise<[number | null, string | null]>,
    async line(wanted: (line: Line) => boolean = () => true): Promise<Line> {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error('the trainer ended before the line came');
        const line = JSON.parse(value) as Line;
        if (wanted(line)) return line;
      }
    },
  };
};

const oneLine = async (env: NodeJS.ProcessEnv, args = ['--loops', '1']): Promise<Line> =>
  (await runProgram(process.execPath, [PROGRAM, ...args], { env })).json<Line>();

describe('trainer', () => {
  test('writes one line per loop that says what was trained and with which knobs', async () => {
    annotate({ 'modekeeper/knob.grad_accum_steps': '8', 'modekeeper/knob.microbatch_size': '4' });
    const line = await oneLine(environment({ NODE_NAME: 'node-a' }));
    expect(line).toMatchObject({
      event: 'knobs_snapshot',
      step: 2,
      global_batch: 32,
      node: 'node-a',
      knobs: { grad_accum_steps: 8, microbatch_size: 4, dataloader_num_workers: 4 },
    });
    expect(new Date(line.ts).toISOString()).toBe(line.ts);
    for (const figure of [
      line.loss,
      line.throughput,
      line.step_time_ms,
      ...line.worker_latencies_ms,
    ])
      expect(figure).toBeGreaterThan(0);
    expect(line.knobs_kv).toContain('modekeeper/knob.grad_accum_steps=8');
  });

  test('obeys knobs that are changed while it runs, goes on with its step and keeps learning', async () => {
    annotate({ 'modekeeper/knob.grad_accum_steps': '1', 'modekeeper/knob.microbatch_size': '8' });
    const trainer = startTrainer();
    const before = await trainer.line();
    expect(before.knobs).toMatchObject({ grad_accum_steps: 1, microbatch_size: 8 });
    expect(before.worker_latencies_ms.length).toBeLessThanOrEqual(4);

    annotate({
      'modekeeper/knob.grad_accum_steps': '8',
      'modekeeper/knob.microbatch_size': '16',
      'modekeeper/knob.dataloader_num_workers': '6',
    });
    const changed = await trainer.line(({ knobs }) => knobs['grad_accum_steps'] === 8);
    expect(changed.knobs).toMatchObject({ microbatch_size: 16, dataloader_num_workers: 6 });
    expect(changed.knobs_kv).toContain('modekeeper/knob.dataloader_num_workers=6');
    expect(changed['global_batch']).toBe(128);
    expect(changed.step).toBeGreaterThan(before.step);
    expect((await trainer.line(({ step }) => step > changed.step + 50)).loss).toBeLessThan(
      before.loss,
    );
    const sixWorkers = await trainer.line((line) => line.worker_latencies_ms.length > 4);
    expect(sixWorkers.worker_latencies_ms.length).toBeLessThanOrEqual(6);
  });

  test('keeps the knob that it had when the new value is unusable, and says so', async () => {
    annotate({ 'modekeeper/knob.grad_accum_steps': '2' });
    const trainer = startTrainer();
    await trainer.line();
    annotate({
      'modekeeper/knob.grad_accum_steps': '$(reboot)',
      'modekeeper/knob.timeout_ms': '9',
    });
    const line = await trainer.line((candidate) => candidate['knobs_rejected'] !== undefined);
    expect(line.knobs['grad_accum_steps']).toBe(2);
    expect(line['knobs_rejected']).toEqual([
      'modekeeper/knob.grad_accum_steps=$(reboot): not a whole number from 1 to 64',
    ]);
    expect(line['knobs_unused']).toEqual(['modekeeper/knob.timeout_ms=9']);
  });

  test('mk reads its lines, as kubectl prints them, as samples', async () => {
    annotate({ 'modekeeper/knob.microbatch_size': '4' });
    const PATH = stubOnPath("echo 'NVIDIA H200, 91, 35840, 143360'");
    const line = await oneLine(environment({ PATH, NODE_NAME: 'node-a' }));
    for (const format of ['default', 'stdout-jsonl'] as const) {
      const parser = createLogParser(format);
      expect(parser.line(`2026-01-01T00:00:00.123456789Z ${JSON.stringify(line)}`)).toEqual({
        timestamp_ms: Date.parse(line.ts),
        step: line.step,
        latency_ms: line.step_time_ms,
        throughput: line.throughput,
        loss: line.loss,
        worker_latencies_ms: line.worker_latencies_ms,
        node: 'node-a',
        gpu_model: 'NVIDIA H200',
        gpu_util_pct: 91,
        gpu_mem_util_pct: 25,
      });
    }
    const end = JSON.stringify({ ts: line.ts, event: 'stopped', signal: 'SIGTERM' });
    expect(createLogParser('stdout-jsonl').line(end)).toBeUndefined();
  });

  test('trains with its start values where no annotations are mounted, and says so', async () => {
    const line = await oneLine(environment());
    expect(line['annotations']).toBe(`absent: ${join(folder, 'annotations')}`);
    expect(line.knobs).toMatchObject({ grad_accum_steps: 4, microbatch_size: 32 });
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'ends on %s in the middle of an hour of training, without an error',
    async (signal) => {
      annotate({ 'modekeeper/knob.microbatch_size': '256' });
      const asked = join(folder, 'asked');
      const trainer = startTrainer(
        environment({ PATH: stubOnPath(`: > '${asked}'`), MODEKEEPER_LOOP_INTERVAL_S: '3600' }),
      );
      await until('the loop has begun', () => existsSync(asked));
      trainer.child.kill(signal);
      expect(await trainer.line()).toMatchObject({ event: 'stopped', signal });
      expect(await trainer.ended).toEqual([0, null]);
    },
  );

  test.each([
    [['--loop'], {}, "ERROR: unknown argument '--loop' (see --help)\n"],
    [['--loops', '0'], {}, "ERROR: --loops needs a whole number from 1, got '0'\n"],
    [['--loops'], {}, "ERROR: --loops needs a whole number from 1, got ''\n"],
    [
      [],
      { MODEKEEPER_LOOP_INTERVAL_S: 'soon' },
      "ERROR: MODEKEEPER_LOOP_INTERVAL_S is 'soon', expected 0 to 3600\n",
    ],
  ])('refuses %j with %j in one line', async (args, env, stderr) => {
    expect(
      await runProgram(process.execPath, [PROGRAM, ...args], { env: environment(env) }),
    ).toMatchObject({
      code: 2,
      stdout: '',
      stderr,
    });
  });
});

describe('the GPU in a line', () => {
  test('is what nvidia-smi on PATH says', async () => {
    const stub = stubOnPath(`
      case "$*" in
        *--query-gpu=name,utilization.gpu,memory.used,memory.total*--format=csv,noheader,nounits*) ;;
        *) exit 9 ;;
      esac
      echo 'NVIDIA H200, 91, 35840, 143360'
      echo 'NVIDIA H200, 3, 71680, 143360'`);
    expect(await oneLine(environment({ PATH: stub }))).toMatchObject({
      gpu: '2 from nvidia-smi',
      gpu_model: 'NVIDIA H200',
      gpu_util_pct: 91,
      gpu_mem_util_pct: 50,
    });
  });

  test.each([
    ['exit 9', 'unreadable: nvidia-smi ended with 9'],
    ["echo 'No devices were found'", 'absent: nvidia-smi lists none'],
  ])('is named as unknown where nvidia-smi does `%s`', async (script, gpu) => {
    const line = await oneLine(environment({ PATH: stubOnPath(script) }));
    expect(line).toMatchObject({ gpu, gpu_util_pct: null, gpu_mem_util_pct: null });
  });

  test('is named as absent where there is no nvidia-smi', async () => {
    const line = await oneLine(environment({ PATH: folder }));
    expect(line).toMatchObject({
      gpu: 'absent: no nvidia-smi on PATH',
      gpu_util_pct: null,
      gpu_mem_util_pct: null,
    });
  });
});
