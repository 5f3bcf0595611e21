import type { Sample } from '@holdfast/tuning';
import { SLOT } from '../rows/field-slots.ts';
import { loadRecord } from '../rows/load-record.ts';
import {
  finiteOf,
  gpuMemUtilOf,
  gpuModelOf,
  gpuUtilOf,
  nodeOf,
  stepOf,
} from '../rows/optional-fields.ts';
import { createRowSlots } from '../rows/row-slots.ts';
import { workerLatenciesOf } from '../rows/worker-latencies.ts';

/** Makes a sample of a record whose time, latency and throughput are known; NaN for a time or latency: no sample. */
export type SampleReader = (
  record: Readonly<Record<string, unknown>>,
  timestampMs: number,
  latencyMs: number,
  throughput: number,
) => Sample | undefined;

/** The other fields have the names that they have in files; one that cannot be read is left out. */
export const createSampleReader = (defaults: { node?: string }): SampleReader => {
  const slots = createRowSlots();
  return (record, timestampMs, latencyMs, throughput) => {
    if (Number.isNaN(timestampMs) || Number.isNaN(latencyMs)) return undefined;
    loadRecord(record, slots);
    const workers = workerLatenciesOf(slots);
    return {
      timestamp_ms: timestampMs,
      latency_ms: latencyMs,
      throughput,
      loss: known(finiteOf(slots, SLOT.loss)),
      step: known(stepOf(slots)),
      node: nodeOf(slots) ?? defaults.node,
      gpu_model: gpuModelOf(slots),
      gpu_util_pct: known(gpuUtilOf(slots)),
      gpu_mem_util_pct: known(gpuMemUtilOf(slots)),
      worker_latencies_ms: workers.length > 0 ? workers : [latencyMs],
    };
  };
};

const known = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value);
