/** The columns of a sample that a metric can feed. */
export const METRIC_COLUMNS = [
  'latency_ms',
  'worker_latencies_ms',
  'throughput',
  'loss',
  'step',
  'gpu_util_pct',
  'gpu_mem_util_pct',
] as const;
export type MetricColumn = (typeof METRIC_COLUMNS)[number];

export interface MetricSource {
  /** Name of the metric; for Prometheus fetched by query, the expression. */
  metric: string;
  /** Factor on every value. Without it a unit that the source states (`s`, `us`, `ns`, ratio `1`) is converted. */
  scale?: number;
}

/** Which metric feeds which column, and which labels name the node and the GPU. `latency_ms` is required. */
export interface MetricMapping {
  columns: Readonly<Partial<Record<MetricColumn, MetricSource>>> & {
    readonly latency_ms: MetricSource;
  };
  /** Labels that name the node, the first one present; default `node`, `k8s.node.name`, `host.name`, `Hostname`. */
  nodeLabels?: readonly string[];
  /** Labels that name the GPU model; default `gpu_model`, `modelName`. */
  gpuModelLabels?: readonly string[];
}

export const NODE_LABELS: readonly string[] = ['node', 'k8s.node.name', 'host.name', 'Hostname'];
export const GPU_MODEL_LABELS: readonly string[] = ['gpu_model', 'modelName'];

const MS_OF_UNIT: Readonly<Record<string, number>> = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 };

/** Factor that brings a value to the unit of its column. */
export const scaleOf = (column: MetricColumn, source: MetricSource, unit?: string): number => {
  if (source.scale !== undefined) return source.scale;
  if (column === 'latency_ms' || column === 'worker_latencies_ms')
    return MS_OF_UNIT[unit ?? 'ms'] ?? 1;
  if (column === 'gpu_util_pct' || column === 'gpu_mem_util_pct') return unit === '1' ? 100 : 1;
  return 1;
};
