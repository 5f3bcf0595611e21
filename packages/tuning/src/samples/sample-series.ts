import { createNameColumn, createNumberColumn, type NumberColumn } from './column.ts';
import { medianOf } from './quantile.ts';
import type { Sample, SampleColumn } from './sample.ts';

/** Samples in the order in which they were added, held by column. Rows count from 0. */
export interface SampleSeries {
  readonly length: number;
  /** The latencies of the workers are reduced to their maximum and their median. */
  add(sample: Sample): void;
  /**
   * The same without an object: NaN means "none"; the workers are reduced already, NaN there means "as the latency".
   */
  addRow(
    timestampMs: number,
    latencyMs: number,
    throughput: number,
    workerMax: number,
    workerMedian: number,
    loss?: number,
    gpuUtilPct?: number,
    gpuMemUtilPct?: number,
    step?: number,
    node?: string,
    gpuModel?: string,
  ): void;
  value(column: SampleColumn, row: number): number | undefined;
  /** Calls back for every row that has a value, in order. */
  each(column: SampleColumn, visit: (value: number, row: number) => void): void;
  /** The values of a column without the rows that have none, in order. A copy. */
  values(column: SampleColumn): Float64Array;
  /** Whether any row has workers that differ from its latency. */
  readonly hasWorkers: boolean;
  node(row: number): string | undefined;
  gpuModel(row: number): string | undefined;
  /** Every node and every GPU model seen, sorted. */
  readonly nodes: readonly string[];
  readonly gpuModels: readonly string[];
}

/** Two to eight bytes a sample for every column that is used, by the decimals of its numbers (see `packNumbers`). */
export const createSampleSeries = (): SampleSeries => {
  const timestamp = createNumberColumn();
  const latency = createNumberColumn();
  const loss = createNumberColumn();
  const gpuUtil = createNumberColumn();
  const gpuMemUtil = createNumberColumn();
  const step = createNumberColumn();
  // Sources that know no throughput say 0, and most know no workers: neither takes memory.
  const throughput = createNumberColumn();
  const workerMax = createNumberColumn();
  const workerMedian = createNumberColumn();
  const nodes = createNameColumn();
  const gpuModels = createNameColumn();
  let length = 0;

  const orLatency = (value: number, row: number): number =>
    Number.isNaN(value) ? latency.get(row) : value;
  const readers: Readonly<Record<SampleColumn, (row: number) => number>> = {
    timestamp_ms: timestamp.get,
    latency_ms: latency.get,
    throughput: (row) => {
      const value = throughput.get(row);
      return Number.isNaN(value) ? 0 : value;
    },
    loss: loss.get,
    gpu_util_pct: gpuUtil.get,
    gpu_mem_util_pct: gpuMemUtil.get,
    step: step.get,
    worker_max: (row) => orLatency(workerMax.get(row), row),
    worker_median: (row) => orLatency(workerMedian.get(row), row),
  };

  const addRow: SampleSeries['addRow'] = (
    timestampMs,
    latencyMs,
    perSecond,
    slowest,
    middle,
    lossValue = Number.NaN,
    utilPct = Number.NaN,
    memUtilPct = Number.NaN,
    stepNumber = Number.NaN,
    node,
    gpuModel,
  ) => {
    const row = length;
    timestamp.set(row, timestampMs);
    latency.set(row, latencyMs);
    throughput.set(row, perSecond === 0 ? Number.NaN : perSecond);
    workerMax.set(row, slowest === latencyMs ? Number.NaN : slowest);
    workerMedian.set(row, middle === latencyMs ? Number.NaN : middle);
    loss.set(row, lossValue);
    gpuUtil.set(row, utilPct);
    gpuMemUtil.set(row, memUtilPct);
    step.set(row, stepNumber);
    if (node !== undefined) nodes.set(row, node);
    if (gpuModel !== undefined) gpuModels.set(row, gpuModel);
    length = row + 1;
  };

  const optional: Partial<Record<SampleColumn, NumberColumn>> = {
    loss,
    gpu_util_pct: gpuUtil,
    gpu_mem_util_pct: gpuMemUtil,
    step,
  };

  const each: SampleSeries['each'] = (column, visit) => {
    if (optional[column]?.isEmpty()) return;
    const read = readers[column];
    for (let row = 0; row < length; row += 1) {
      const value = read(row);
      if (!Number.isNaN(value)) visit(value, row);
    }
  };

  return {
    get length() {
      return length;
    },
    add: (sample) => {
      const workers = sample.worker_latencies_ms;
      addRow(
        sample.timestamp_ms,
        sample.latency_ms,
        sample.throughput,
        workers.length === 0 ? Number.NaN : workers.reduce((a, b) => Math.max(a, b)),
        workers.length === 0 ? Number.NaN : medianOf(Float64Array.from(workers)),
        sample.loss,
        sample.gpu_util_pct,
        sample.gpu_mem_util_pct,
        sample.step,
        sample.node,
        sample.gpu_model,
      );
    },
    addRow,
    value: (column, row) => {
      if (!(row >= 0 && row < length)) return undefined;
      const value = readers[column](row);
      return Number.isNaN(value) ? undefined : value;
    },
    each,
    values: (column) => {
      if (optional[column]?.isEmpty()) return new Float64Array(0);
      const kept = new Float64Array(length);
      let count = 0;
      each(column, (value) => {
        kept[count] = value;
        count += 1;
      });
      return kept.subarray(0, count);
    },
    get hasWorkers() {
      return !workerMax.isEmpty() || !workerMedian.isEmpty();
    },
    node: (row) => nodes.get(row),
    gpuModel: (row) => gpuModels.get(row),
    get nodes() {
      return nodes.names();
    },
    get gpuModels() {
      return gpuModels.names();
    },
  };
};
