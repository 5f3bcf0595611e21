import { describe, expect, test } from 'vitest';
import { parseMetricMapping } from './parse-mapping.ts';

describe('a mapping of metrics', () => {
  test('takes all behind the first equals sign for the metric', () => {
    expect(parseMetricMapping(['latency_ms = avg(step{job="a"})*1000', 'loss=train_loss'])).toEqual(
      {
        columns: {
          latency_ms: { metric: 'avg(step{job="a"})*1000' },
          loss: { metric: 'train_loss' },
        },
      },
    );
  });

  test.each([
    [[], "a metric for 'latency_ms' is required"],
    [['loss=x'], "a metric for 'latency_ms' is required"],
    [['latency_ms'], "'latency_ms' is no <column>=<metric>"],
    [['latency_ms='], "'latency_ms=' is no <column>=<metric>"],
    [['latency=x'], 'one of latency_ms, worker_latencies_ms'],
    [['__proto__=x'], 'is no <column>=<metric>'],
    [['latency_ms=x', 'latency_ms=y'], "'latency_ms' is mapped twice"],
  ])('refuses %j', (assignments, why) => {
    expect(() => parseMetricMapping(assignments)).toThrow(why);
  });
});
