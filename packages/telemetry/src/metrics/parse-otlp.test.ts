import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../input-error.ts';
import { createOtlpReader } from './parse-otlp.ts';

const AT = '1700000000123456789';
const resource = {
  attributes: [
    { key: 'host.name', value: { stringValue: 'n1' } },
    { key: 'rank', value: { intValue: '3' } },
    { key: 'tags', value: { arrayValue: { values: [] } } },
  ],
};
const documentOf = (...metrics: unknown[]) => ({
  resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }],
});
const valuesOf = (...metrics: unknown[]) =>
  createOtlpReader()
    .read(documentOf(...metrics))
    .map((point) => point.value);

describe('an OTLP document', () => {
  test('gives the values of gauges and sums with the labels of resource and point', () => {
    const attributes = [{ key: 'rank', value: { intValue: 4 } }];
    const points = createOtlpReader().read(
      documentOf(
        { name: 'loss', gauge: { dataPoints: [{ timeUnixNano: AT, asDouble: 0.5, attributes }] } },
        { name: 'steps', unit: '{step}', sum: { dataPoints: [{ timeUnixNano: AT, asInt: '12' }] } },
      ),
    );
    expect(points).toEqual([
      {
        metric: 'loss',
        timestamp_ms: 1_700_000_000_123,
        value: 0.5,
        labels: { 'host.name': 'n1', rank: '4' },
        unit: undefined,
      },
      {
        metric: 'steps',
        timestamp_ms: 1_700_000_000_123,
        value: 12,
        labels: { 'host.name': 'n1', rank: '3' },
        unit: '{step}',
      },
    ]);
  });

  test('gives the mean of a delta histogram', () => {
    const dataPoints = [
      { timeUnixNano: AT, count: '4', sum: 10 },
      { timeUnixNano: AT, count: '0', sum: 0 },
      { timeUnixNano: AT, count: 2, sum: 6 },
    ];
    expect(valuesOf({ name: 'h', histogram: { aggregationTemporality: 1, dataPoints } })).toEqual([
      2.5, 3,
    ]);
    const named = { aggregationTemporality: 'AGGREGATION_TEMPORALITY_DELTA', dataPoints };
    expect(valuesOf({ name: 'h', exponentialHistogram: named })).toEqual([2.5, 3]);
  });

  test('gives the mean of what a cumulative histogram gained, over documents and resets', () => {
    const reader = createOtlpReader();
    const read = (startTimeUnixNano: string, count: number, sum: number, rank = '1') =>
      reader
        .read(
          documentOf({
            name: 'h',
            histogram: {
              aggregationTemporality: 2,
              dataPoints: [
                {
                  startTimeUnixNano,
                  timeUnixNano: AT,
                  count,
                  sum,
                  attributes: [{ key: 'rank', value: { stringValue: rank } }],
                },
              ],
            },
          }),
        )
        .map((point) => point.value);
    expect(read('5', 2, 10)).toEqual([5]);
    expect(read('5', 4, 40)).toEqual([15]);
    expect(read('5', 4, 40)).toEqual([]);
    expect(read('5', 10, 60, '2')).toEqual([6]);
    expect(read('9', 1, 7)).toEqual([7]);
    expect(read('9', 3, 9)).toEqual([1]);
  });

  test.each([
    { name: 'x' },
    { name: 'x', gauge: {} },
    { name: 'x', gauge: { dataPoints: [{ timeUnixNano: AT }] } },
    { name: 'x', gauge: { dataPoints: [{ timeUnixNano: 'soon', asDouble: 1 }] } },
    { name: 'x', gauge: { dataPoints: [{ asDouble: 1 }] } },
    { name: 'x', gauge: { dataPoints: [{ timeUnixNano: AT, asDouble: 'NaN' }] } },
    { name: 'x', histogram: { dataPoints: [{ timeUnixNano: AT, count: '3' }] } },
  ])('%j has no points', (metric) => expect(valuesOf(metric)).toEqual([]));

  test.each([null, [], {}, 'x', { resourceMetrics: {} }])('is not %j', (document) => {
    expect(() => createOtlpReader().read(document)).toThrow(InputError);
  });

  test('of any other shape gives no points and no other error', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat({ max: 3 }), (value, depth) => {
        const gauge = { name: 'x', gauge: { dataPoints: value } };
        const documents = [
          { resourceMetrics: [value] },
          documentOf(value),
          documentOf(gauge),
          value,
        ];
        try {
          expect(Array.isArray(createOtlpReader().read(documents[depth]))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
    );
  });
});
