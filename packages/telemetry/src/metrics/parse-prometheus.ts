import { isRecord } from '../files/parse-json-line.ts';
import { InputError } from '../input-error.ts';
import { timestampOfNumber } from '../rows/parse-timestamp.ts';
import type { MetricPoint } from './metric-point.ts';

/**
 * The points of an answer of Prometheus' `/api/v1/query_range` (or of a query that gives a matrix): `{status, data:
 * {resultType: "matrix", result: [{metric, values: [[seconds, "value"]]}]}}`. `metric` replaces the name of every series:
 * functions drop it. Values that are no finite number are left out. Throws `metrics_invalid`.
 */
export const parsePrometheusRange = (document: unknown, metric?: string): MetricPoint[] => {
  if (!isRecord(document)) throw invalid('expected an object');
  if (document['status'] !== 'success') throw invalid(failureOf(document));
  const data = document['data'];
  if (!isRecord(data) || data['resultType'] !== 'matrix' || !Array.isArray(data['result']))
    throw invalid("expected a result of type 'matrix': use a range query");
  return data['result'].flatMap((series: unknown, index) => pointsOf(series, index, metric));
};

function pointsOf(series: unknown, index: number, metric: string | undefined): MetricPoint[] {
  const labels = isRecord(series) ? series['metric'] : undefined;
  const values = isRecord(series) ? (series['values'] ?? []) : undefined;
  if (!isRecord(labels) || !Array.isArray(values))
    throw invalid(`series ${index} has no 'metric' and 'values'`);
  const texts = Object.entries(labels).flatMap(([name, value]) =>
    typeof value === 'string' && name !== '__name__' ? [[name, value] as const] : [],
  );
  const common = {
    metric: metric ?? String(labels['__name__'] ?? ''),
    labels: Object.fromEntries(texts),
  };
  return values.flatMap((pair: unknown) => {
    if (!Array.isArray(pair) || typeof pair[0] !== 'number' || typeof pair[1] !== 'string')
      throw invalid(`series ${index} has a value that is no [time, "number"] pair`);
    const timestamp = timestampOfNumber(pair[0]);
    const value = Number(pair[1]);
    return Number.isFinite(timestamp) && Number.isFinite(value)
      ? [{ ...common, timestamp_ms: timestamp, value }]
      : [];
  });
}

function failureOf(document: Readonly<Record<string, unknown>>): string {
  const error = document['error'];
  return typeof error === 'string' && error !== ''
    ? `it says '${error.slice(0, 200)}'`
    : "expected status 'success'";
}

const invalid = (why: string) =>
  new InputError('metrics_invalid', `cannot use the answer of Prometheus: ${why}`);
