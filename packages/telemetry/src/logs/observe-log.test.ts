import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { observeLog } from './observe-log.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-logs-'));
});
afterAll(() => rm(folder, { recursive: true }));

const LINES = [
  '2024-05-01T10:00:00Z starting',
  '2024-05-01T10:00:01Z step_time_ms=10',
  '2024-05-01T10:00:04Z {"step_time_ms":20}',
];

test('makes a series of the lines of a pod and records them', async () => {
  const recordTo = join(folder, 'raw.jsonl');
  const observed = await observeLog(LINES, { node: 'n1', recordTo });
  expect([...observed.series.values('latency_ms')]).toEqual([10, 20]);
  expect(observed.series.nodes).toEqual(['n1']);
  expect(observed.window_s).toBe(3);
  expect(observed.error).toBeUndefined();
  expect(observed.record).toEqual({ path: recordTo, lines_written: 3 });
  await observeLog(LINES.slice(2), { recordTo, append: true });
  expect(await readFile(recordTo, 'utf8')).toBe(`${[...LINES, ...LINES.slice(2)].join('\n')}\n`);
});

test('keeps what came before the source failed, and says why it did', async () => {
  async function* failing() {
    yield* LINES;
    throw new Error('connection\nlost');
  }
  const recordTo = join(folder, 'failed.jsonl');
  const observed = await observeLog(failing(), { recordTo });
  expect(observed.series.length).toBe(2);
  expect(observed.error).toBe('connection lost');
  expect(observed.record?.lines_written).toBe(3);
});

test('reads the steps of a pod that writes JSON lines', async () => {
  const observed = await observeLog(
    ['2024-05-01T10:00:00Z {"step":1,"throughput":4}', '2024-05-01T10:00:01Z step_time_ms=3'],
    { format: 'stdout-jsonl' },
  );
  expect([...observed.series.values('latency_ms')]).toEqual([250]);
});
