import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../input-error.ts';
import { parsePrometheusRange } from './parse-prometheus.ts';

const answer = (result: unknown, extra: object = {}) => ({
  status: 'success',
  data: { resultType: 'matrix', result },
  ...extra,
});

describe('an answer of a Prometheus range query', () => {
  test('gives the points of every series with their labels', () => {
    const document = answer([
      {
        metric: { __name__: 'step_ms', node: 'a' },
        values: [
          [1_700_000_000.5, '120.5'],
          [1_700_000_001, '1e2'],
        ],
      },
      { metric: { node: 'b' }, values: [[1_700_000_000, '7']] },
      { metric: {}, histograms: [] },
    ]);
    expect(parsePrometheusRange(document)).toEqual([
      { metric: 'step_ms', labels: { node: 'a' }, timestamp_ms: 1_700_000_000_500, value: 120.5 },
      { metric: 'step_ms', labels: { node: 'a' }, timestamp_ms: 1_700_000_001_000, value: 100 },
      { metric: '', labels: { node: 'b' }, timestamp_ms: 1_700_000_000_000, value: 7 },
    ]);
    expect(parsePrometheusRange(document, 'rate(x)').map((point) => point.metric)).toEqual(
      Array.from({ length: 3 }, () => 'rate(x)'),
    );
  });

  test('leaves out values that are no figure', () => {
    const values = [
      [1, 'NaN'],
      [2, '+Inf'],
      [3, '-Inf'],
      [4, 'many'],
      [5, '1'],
      [1e300, '1'],
    ];
    const points = parsePrometheusRange(answer([{ metric: {}, values }]));
    expect(points.map((point) => point.timestamp_ms)).toEqual([5000]);
  });

  test.each([
    [null, 'expected an object'],
    [[], 'expected an object'],
    [{}, "expected status 'success'"],
    [{ status: 'error', error: 'bad\nquery' }, "it says 'bad query'"],
    [{ status: 'success' }, "expected a result of type 'matrix'"],
    [{ status: 'success', data: { resultType: 'vector', result: [] } }, "type 'matrix'"],
    [answer({}), "type 'matrix'"],
    [answer([1]), 'series 0'],
    [answer([{ metric: {}, values: {} }]), 'series 0'],
    [answer([{ metric: {}, values: [[1, 2]] }]), 'series 0'],
    [answer([{ metric: {}, values: [3] }]), 'series 0'],
  ])('refuses %j', (document, why) => {
    expect(() => parsePrometheusRange(document)).toThrow(why);
  });

  test('never throws anything but an input error of one line', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), (value, wrapped) => {
        try {
          expect(Array.isArray(parsePrometheusRange(wrapped ? answer([value]) : value))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          expect((error as Error).message).not.toMatch(/[\r\n]/);
        }
      }),
    );
  });
});
