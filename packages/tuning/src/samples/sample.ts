/** One telemetry sample of a training job. `undefined` is "not measured". */
export interface Sample {
  timestamp_ms: number;
  latency_ms: number;
  /** Units of work per second; 0 where the source cannot tell. */
  throughput: number;
  loss?: number;
  step?: number;
  node?: string;
  gpu_model?: string;
  gpu_util_pct?: number;
  gpu_mem_util_pct?: number;
  /** Step time of each worker; empty means the one latency stands for all of them. */
  worker_latencies_ms: readonly number[];
}

export type SampleColumn =
  | 'timestamp_ms'
  | 'latency_ms'
  | 'throughput'
  | 'loss'
  | 'gpu_util_pct'
  | 'gpu_mem_util_pct'
  | 'step'
  | 'worker_max'
  | 'worker_median';
