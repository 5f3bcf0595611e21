import type { SampleSeries } from './sample-series.ts';

/** A point of the telemetry that reports carry; null is "not measured". */
export interface TelemetryPoint {
  ts_ms: number;
  latency_ms: number;
  loss: number | null;
  gpu_util_pct: number | null;
  gpu_mem_util_pct: number | null;
  throughput: number;
  step?: number;
  node?: string;
  gpu_model?: string;
}

/** A report carries at most this many points, spread evenly over the window with both of its ends. */
export const MAX_POINTS = 2000;

const pointOf = (series: SampleSeries, row: number): TelemetryPoint => {
  const step = series.value('step', row);
  const node = series.node(row);
  const gpuModel = series.gpuModel(row);
  return {
    ts_ms: series.value('timestamp_ms', row) ?? 0,
    latency_ms: series.value('latency_ms', row) ?? 0,
    loss: series.value('loss', row) ?? null,
    gpu_util_pct: series.value('gpu_util_pct', row) ?? null,
    gpu_mem_util_pct: series.value('gpu_mem_util_pct', row) ?? null,
    throughput: series.value('throughput', row) ?? 0,
    ...(step === undefined ? {} : { step }),
    ...(node === undefined ? {} : { node }),
    ...(gpuModel === undefined ? {} : { gpu_model: gpuModel }),
  };
};

export const telemetryOf = (
  series: SampleSeries,
): { sample_count: number; points: TelemetryPoint[] } => {
  const count = Math.min(series.length, MAX_POINTS);
  const points: TelemetryPoint[] = [];
  for (let index = 0; index < count; index += 1) {
    const row =
      series.length <= MAX_POINTS
        ? index
        : Math.floor((index * (series.length - 1)) / (MAX_POINTS - 1));
    points.push(pointOf(series, row));
  }
  return { sample_count: series.length, points };
};
