import { countOf, type OtlpObject } from './otlp-values.ts';

/**
 * Means of distributions. A delta point is its own interval; of cumulative points the mean is that of what came since
 * the last point of the same series, and since the start for the first one or after a reset. NaN where nothing came.
 */
export const createMeanOf = () => {
  const last = new Map<string, { start: string; count: number; sum: number }>();

  return (
    metric: string,
    labels: Readonly<Record<string, string>>,
    dataPoint: OtlpObject,
    isDelta: boolean,
  ): number => {
    const count = countOf(dataPoint['count']);
    const sum = typeof dataPoint['sum'] === 'number' ? dataPoint['sum'] : Number.NaN;
    if (isDelta) return count > 0 ? sum / count : Number.NaN;
    const start = String(dataPoint['startTimeUnixNano'] ?? '');
    const key = JSON.stringify([metric, Object.entries(labels).sort()]);
    const before = last.get(key);
    last.set(key, { start, count, sum });
    const goesOn = before !== undefined && before.start === start && before.count <= count;
    const since = goesOn ? count - before.count : count;
    return since > 0 ? (sum - (goesOn ? before.sum : 0)) / since : Number.NaN;
  };
};
