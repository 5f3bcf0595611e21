import { hostFactsSchema, hostMetricsSchema } from '@holdfast/contracts';
import os from 'node:os';
import { expect, test } from 'vitest';
import { readBasicFacts } from './basic-facts.ts';
import { readFullFacts } from './full-facts.ts';
import { createMetricsReader } from './live-metrics.ts';
import { parseGpuLine } from './nvidia-gpus.ts';

test('the facts of this machine fit the contract, with and without its disks', async () => {
  const basic = hostFactsSchema.parse(await readBasicFacts());
  expect(basic.cpus.count).toBe(os.cpus().length);
  const full = hostFactsSchema.parse(await readFullFacts());
  expect(full).toMatchObject({ hostname: basic.hostname, os_type: basic.os_type });
  expect(full.disks.length).toBeGreaterThan(0);
  for (const disk of full.disks) expect(disk.used_bytes).toBeLessThanOrEqual(disk.total_bytes);
});

test('the metrics of this machine are percentages of something', async () => {
  const read = createMetricsReader(os.tmpdir());
  await read();
  const metrics = hostMetricsSchema.parse(await read());
  for (const name of ['cpu_percent', 'memory_percent', 'disk_percent'] as const) {
    expect(metrics[name]).toBeGreaterThanOrEqual(0);
    expect(metrics[name]).toBeLessThanOrEqual(100);
  }
  expect(metrics.memory_percent).toBeGreaterThan(0);
});

test.each([
  [
    '0, NVIDIA H200, 143771, 550.54.15, 9.0',
    {
      index: 0,
      name: 'NVIDIA H200',
      memory_total_bytes: 143771 * 1024 * 1024,
      driver_version: '550.54.15',
      compute_capability: '9.0',
    },
  ],
  [
    '1, Tesla K80, [N/A], 470.1, [Not Supported]',
    { index: 1, name: 'Tesla K80', memory_total_bytes: 0, driver_version: '470.1' },
  ],
  ['', undefined],
  ['No devices were found', undefined],
])('the line %j of nvidia-smi is read', (line, gpu) => {
  expect(parseGpuLine(line)).toEqual(gpu);
});
