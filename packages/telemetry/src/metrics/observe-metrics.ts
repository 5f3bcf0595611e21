import { createSampleSeries, type Sample } from '@holdfast/tuning';
import { windowOf, type Observed } from '../observed.ts';
import {
  GPU_MODEL_LABELS,
  NODE_LABELS,
  scaleOf,
  type MetricColumn,
  type MetricMapping,
  type MetricSource,
} from './metric-mapping.ts';
import type { MetricPoint } from './metric-point.ts';

/** What is known of one node at one time. */
interface Moment {
  timestampMs: number;
  node: string | undefined;
  gpuModel: string | undefined;
  /** Every value of a column: several series of one node are several workers or devices. */
  values: Map<MetricColumn, number[]>;
}

/**
 * Joins points of several metrics into samples: one for every time and node at which there is a latency. A value without
 * a node belongs to every node of its time. Several values of one column become their mean, of the step their greatest;
 * several latencies are also the workers' where no metric feeds those. Points that no column asks for are skipped.
 */
export const observeMetrics = (points: Iterable<MetricPoint>, mapping: MetricMapping): Observed => {
  const series = createSampleSeries();
  const moments = momentsOf(points, mapping);
  const shared = new Map<number, Moment>();
  for (const moment of moments)
    if (moment.node === undefined) shared.set(moment.timestampMs, moment);
  for (const moment of moments) {
    const sample = sampleOf(moment, shared.get(moment.timestampMs));
    if (sample) series.add(sample);
  }
  return { series, window_s: windowOf(series) };
};

function momentsOf(points: Iterable<MetricPoint>, mapping: MetricMapping): Moment[] {
  const columns = Object.entries(mapping.columns) as [MetricColumn, MetricSource][];
  const moments = new Map<string, Moment>();
  for (const point of points) {
    const fed = columns.filter(([, source]) => source.metric === point.metric);
    if (fed.length === 0 || !Number.isFinite(point.value)) continue;
    const node = labelOf(point, mapping.nodeLabels ?? NODE_LABELS);
    const key = `${point.timestamp_ms} ${node ?? ''}`;
    let moment = moments.get(key);
    if (moment === undefined) {
      moment = { timestampMs: point.timestamp_ms, node, gpuModel: undefined, values: new Map() };
      moments.set(key, moment);
    }
    moment.gpuModel ??= labelOf(point, mapping.gpuModelLabels ?? GPU_MODEL_LABELS);
    for (const [column, source] of fed) {
      const values = moment.values.get(column) ?? [];
      values.push(point.value * scaleOf(column, source, point.unit));
      moment.values.set(column, values);
    }
  }
  return [...moments.values()].sort((a, b) => a.timestampMs - b.timestampMs);
}

function sampleOf(moment: Moment, shared: Moment | undefined): Sample | undefined {
  const latencies = moment.values.get('latency_ms') ?? [];
  const latency = meanOf(latencies);
  if (latency === undefined || latency < 0) return undefined;
  const values = (column: MetricColumn) => moment.values.get(column) ?? shared?.values.get(column);
  const steps = values('step');
  return {
    timestamp_ms: moment.timestampMs,
    latency_ms: latency,
    throughput: meanOf(values('throughput')) ?? 0,
    loss: meanOf(values('loss')),
    step: steps && Math.round(steps.reduce((a, b) => Math.max(a, b))),
    node: moment.node,
    gpu_model: moment.gpuModel ?? shared?.gpuModel,
    gpu_util_pct: meanOf(values('gpu_util_pct')),
    gpu_mem_util_pct: meanOf(values('gpu_mem_util_pct')),
    worker_latencies_ms: values('worker_latencies_ms') ?? latencies,
  };
}

const meanOf = (values: readonly number[] | undefined): number | undefined =>
  values && values.length > 0 ? values.reduce((a, b) => a + b) / values.length : undefined;

function labelOf(point: MetricPoint, names: readonly string[]): string | undefined {
  const name = names.find((candidate) => (point.labels[candidate] ?? '').trim() !== '');
  return name === undefined ? undefined : point.labels[name]?.trim();
}
