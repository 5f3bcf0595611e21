import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MetricMapping } from './metric-mapping.ts';
import type { MetricPoint } from './metric-point.ts';
import { observeMetrics } from './observe-metrics.ts';
import { observeOtlpFile } from './observe-otlp-file.ts';

const point = (
  metric: string,
  timestamp_ms: number,
  value: number,
  labels: Record<string, string> = {},
  unit?: string,
): MetricPoint => ({ metric, timestamp_ms, value, labels, unit });
const mapping: MetricMapping = {
  columns: {
    latency_ms: { metric: 'step' },
    loss: { metric: 'loss' },
    gpu_util_pct: { metric: 'util' },
    throughput: { metric: 'rate', scale: 2 },
    step: { metric: 'at' },
  },
};

describe('points of metrics', () => {
  test('are joined by time and node; what has no node belongs to all', () => {
    const { series, window_s } = observeMetrics(
      [
        point('step', 3000, 30, { node: 'a' }),
        point('step', 1000, 10, { node: 'a', modelName: 'H200' }),
        point('step', 1000, 20, { node: 'b' }),
        point('util', 1000, 91, { node: 'b' }),
        point('util', 2000, 50, { node: 'b' }),
        point('loss', 1000, 1.5),
        point('rate', 1000, 4),
        point('other', 1000, 9),
        point('step', 4000, Number.NaN),
      ],
      mapping,
    );
    const rows = [0, 1, 2].map((row) => [
      series.value('timestamp_ms', row),
      series.node(row),
      series.value('latency_ms', row),
      series.value('loss', row),
      series.value('gpu_util_pct', row),
      series.value('throughput', row),
    ]);
    expect(series.length).toBe(3);
    expect(rows).toEqual([
      [1000, 'a', 10, 1.5, undefined, 8],
      [1000, 'b', 20, 1.5, 91, 8],
      [3000, 'a', 30, undefined, undefined, 0],
    ]);
    expect(series.gpuModels).toEqual(['H200']);
    expect(window_s).toBe(2);
  });

  test('of one node are its workers', () => {
    const { series } = observeMetrics(
      [10, 30, 20, 40].map((value, rank) => point('step', 1000, value, { rank: `${rank}` })),
      mapping,
    );
    expect([
      series.value('latency_ms', 0),
      series.value('worker_max', 0),
      series.value('worker_median', 0),
    ]).toEqual([25, 40, 25]);
  });

  test('feed the workers from a metric of their own, and the greatest step', () => {
    const { series } = observeMetrics(
      [
        point('step', 1000, 10),
        point('worker', 1000, 11),
        point('worker', 1000, 99),
        point('at', 1000, 6),
        point('at', 1000, 7),
      ],
      { columns: { ...mapping.columns, worker_latencies_ms: { metric: 'worker' } } },
    );
    expect([series.value('worker_max', 0), series.value('step', 0)]).toEqual([99, 7]);
  });

  test.each([
    ['s', 0.25, 250],
    ['ms', 250, 250],
    ['us', 250_000, 250],
    ['ns', 250_000_000, 250],
    [undefined, 250, 250],
  ])('in %s become milliseconds', (unit, value, latency) => {
    const { series } = observeMetrics([point('step', 1000, value, {}, unit)], mapping);
    expect(series.value('latency_ms', 0)).toBeCloseTo(latency, 9);
  });

  test('that are ratios become percent, and a scale that is given counts alone', () => {
    const points = [point('step', 1000, 2, {}, 's'), point('util', 1000, 0.93, {}, '1')];
    const columns = { ...mapping.columns, latency_ms: { metric: 'step', scale: 10 } };
    const { series } = observeMetrics(points, { columns });
    expect([series.value('latency_ms', 0), series.value('gpu_util_pct', 0)]).toEqual([20, 93]);
  });
});

describe('a file of OTLP metrics', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-otlp-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const documentOf = (second: number) => ({
    resourceMetrics: [
      {
        resource: { attributes: [{ key: 'k8s.node.name', value: { stringValue: 'n1' } }] },
        scopeMetrics: [
          {
            metrics: [
              {
                name: 'step',
                unit: 's',
                gauge: { dataPoints: [{ timeUnixNano: `${second}000000000`, asDouble: 0.5 }] },
              },
            ],
          },
        ],
      },
    ],
  });
  const observe = async (content: string) => {
    const path = join(folder, 'metrics.json');
    await writeFile(path, content);
    return observeOtlpFile(path, mapping);
  };

  test('is read line by line', async () => {
    const { series, window_s } = await observe(
      `${JSON.stringify(documentOf(1))}\n\n${JSON.stringify(documentOf(4))}\n`,
    );
    expect([...series.values('latency_ms')]).toEqual([500, 500]);
    expect(series.nodes).toEqual(['n1']);
    expect(window_s).toBe(3);
  });

  test('may hold one document over several lines', async () => {
    const { series } = await observe(JSON.stringify(documentOf(1), null, 2));
    expect(series.length).toBe(1);
  });

  test('names the line that is no JSON', async () => {
    const attempt = observe(`${JSON.stringify(documentOf(1))}\n{"resource\n`);
    await expect(attempt).rejects.toThrow('line 2 is no JSON');
    await expect(observe('[]')).rejects.toMatchObject({ code: 'metrics_invalid' });
  });
});
