/** The fields of a file that carry something, each with its other names; earlier names win. */
const FIELD_NAMES = {
  ts: ['ts'],
  latency: ['step_time_ms'],
  loss: ['loss'],
  workers: ['worker_latencies_ms'],
  step: ['step'],
  gpuUtil: ['gpu_util_pct', 'gpu_util', 'gpu_usage_pct', 'gpu_usage'],
  gpuMemUtil: ['gpu_mem_util_pct', 'gpu_mem_util', 'gpu_mem_pct'],
  gpuMemUsed: ['gpu_mem_used_mb', 'gpu_mem_used', 'gpu_mem_used_mib'],
  gpuMemTotal: ['gpu_mem_total_mb', 'gpu_mem_total', 'gpu_mem_total_mib'],
  node: ['node', 'node_name'],
  gpuModel: ['gpu_model', 'gpu_name'],
} as const;

export type Field = keyof typeof FIELD_NAMES;

/** Every known name; its index is its slot. */
export const SLOT_NAMES: readonly string[] = Object.values(FIELD_NAMES).flat();

const slotsOf = (field: Field): readonly number[] =>
  FIELD_NAMES[field].map((name) => SLOT_NAMES.indexOf(name));

/** The slots of a field, in order of preference. */
export const FIELD_SLOTS: Readonly<Record<Field, readonly number[]>> = {
  ts: slotsOf('ts'),
  latency: slotsOf('latency'),
  loss: slotsOf('loss'),
  workers: slotsOf('workers'),
  step: slotsOf('step'),
  gpuUtil: slotsOf('gpuUtil'),
  gpuMemUtil: slotsOf('gpuMemUtil'),
  gpuMemUsed: slotsOf('gpuMemUsed'),
  gpuMemTotal: slotsOf('gpuMemTotal'),
  node: slotsOf('node'),
  gpuModel: slotsOf('gpuModel'),
};

/** Fields that always have one name. */
export const SLOT = {
  ts: FIELD_SLOTS.ts[0] as number,
  latency: FIELD_SLOTS.latency[0] as number,
  loss: FIELD_SLOTS.loss[0] as number,
  workers: FIELD_SLOTS.workers[0] as number,
  step: FIELD_SLOTS.step[0] as number,
} as const;
