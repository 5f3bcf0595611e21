import { isRecord } from '../files/parse-json-line.ts';
import { InputError } from '../input-error.ts';
import type { MetricPoint } from './metric-point.ts';
import { attributesOf, countOf, listOf, type OtlpObject } from './otlp-values.ts';
import { createMeanOf } from './otlp-means.ts';

/** Kinds of data whose points are distributions: each gives the mean since the point before it. */
const DISTRIBUTIONS = ['histogram', 'exponentialHistogram', 'summary'] as const;
const NUMBERS = ['gauge', 'sum'] as const;

/** Reads documents of one stream in order: cumulative distributions need the point before. */
export interface OtlpReader {
  /** The points of one `ExportMetricsServiceRequest`. Throws `metrics_invalid` for anything else. */
  read(document: unknown): MetricPoint[];
}

/**
 * OTLP metrics as JSON (opentelemetry-proto, metrics/v1): gauges and sums give their values, histograms and summaries
 * their mean. Attributes of the resource and of the point become labels; the point's win.
 */
export const createOtlpReader = (): OtlpReader => {
  const meanOf = createMeanOf();

  const pointsOf = (metric: OtlpObject, resource: Readonly<Record<string, string>>) => {
    const points: MetricPoint[] = [];
    const name = String(metric['name'] ?? '');
    const unit = typeof metric['unit'] === 'string' ? metric['unit'] : undefined;
    const add = (dataPoint: OtlpObject, valueOf: (labels: Record<string, string>) => number) => {
      const labels = { ...resource, ...attributesOf(dataPoint['attributes']) };
      const timestamp = Math.floor(countOf(dataPoint['timeUnixNano']) / 1e6);
      const value = valueOf(labels);
      if (timestamp > 0 && Number.isFinite(value))
        points.push({ metric: name, timestamp_ms: timestamp, value, labels, unit });
    };
    for (const kind of NUMBERS)
      for (const dataPoint of dataPointsOf(metric, kind)) add(dataPoint, () => numberOf(dataPoint));
    for (const kind of DISTRIBUTIONS)
      for (const dataPoint of dataPointsOf(metric, kind))
        add(dataPoint, (labels) => meanOf(name, labels, dataPoint, isDelta(metric[kind])));
    return points;
  };

  return {
    read: (document) => {
      if (!isRecord(document) || !Array.isArray(document['resourceMetrics']))
        throw new InputError(
          'metrics_invalid',
          "cannot use the OTLP document: expected an object with a list 'resourceMetrics'",
        );
      return listOf(document, 'resourceMetrics').flatMap((entry) => {
        const { resource } = entry;
        const labels = attributesOf(isRecord(resource) ? resource['attributes'] : undefined);
        return listOf(entry, 'scopeMetrics')
          .flatMap((scope) => listOf(scope, 'metrics'))
          .flatMap((metric) => pointsOf(metric, labels));
      });
    },
  };
};

function dataPointsOf(metric: OtlpObject, kind: string): OtlpObject[] {
  const data = metric[kind];
  return isRecord(data) ? listOf(data, 'dataPoints') : [];
}

function numberOf(dataPoint: OtlpObject): number {
  const double = dataPoint['asDouble'];
  return typeof double === 'number' ? double : countOf(dataPoint['asInt']);
}

/** `AGGREGATION_TEMPORALITY_DELTA`, as number or by name. */
function isDelta(data: unknown): boolean {
  const temporality = isRecord(data) ? data['aggregationTemporality'] : undefined;
  return temporality === 1 || temporality === 'AGGREGATION_TEMPORALITY_DELTA';
}
