import * as z from 'zod';

/** Kinds of Kubernetes objects whose pod templates carry knobs. */
export const TUNABLE_KINDS = [
  'Deployment',
  'StatefulSet',
  'Job',
  'PyTorchJob',
  'RayCluster',
] as const;

const label = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
const subdomain = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);

export const workloadIdSchema = z
  .string()
  .max(100)
  .regex(/^[a-z0-9]([-a-z0-9_.]*[a-z0-9])?$/);

/** One object of a cluster. */
export const workloadRefSchema = z.strictObject({
  kind: z.enum(TUNABLE_KINDS).default('Deployment'),
  namespace: label.default('default'),
  name: subdomain,
});
export type TunedRef = z.infer<typeof workloadRefSchema>;

const metric = z.strictObject({
  /** A PromQL expression. */
  metric: z.string().min(1).max(2000),
  /** What a value is multiplied by to be in the unit of its column; found out from the unit where it is absent. */
  scale: z.number().positive().optional(),
});

/** Viewers read what is registered: no name and password in it. */
const prometheusUrl = z
  .url({ protocol: /^https?$/ })
  .max(2000)
  .refine((url) => {
    if (!URL.canParse(url)) return false;
    const { username, password } = new URL(url);
    return username === '' && password === '';
  }, 'without a name and a password in it');

/**
 * Where samples of a workload come from. `pod_logs`: the lines of its newest running pod; `container` null is the
 * default one. `file`: a `.jsonl` or `.csv` file under `telemetry` in the home of the stack. `prometheus`: range queries.
 */
export const telemetrySourceSchema = z.union([
  z.strictObject({
    pod_logs: z.strictObject({
      container: label.nullable().default(null),
      format: z.enum(['default', 'stdout-jsonl']).default('default'),
    }),
  }),
  z.strictObject({ file: z.strictObject({ path: z.string().min(1).max(1000) }) }),
  z.strictObject({
    prometheus: z.strictObject({
      url: prometheusUrl,
      latency_ms: metric,
      throughput: metric.optional(),
      loss: metric.optional(),
      gpu_util_pct: metric.optional(),
      gpu_mem_util_pct: metric.optional(),
      worker_latencies_ms: metric.optional(),
    }),
  }),
]);
export type TelemetrySource = z.infer<typeof telemetrySourceSchema>;

/**
 * What is tuned, and how. `context`: of the kubeconfig, null is the current one. `mode`: `propose` makes changes of what
 * is allowed, `observe` only says what would be. `interval_s` and `window_s`: null is the profile's. `cooldown_s`: least
 * time between two changes of one knob; the catalog may ask for more. `max_delta_per_step`: 0 is no limit.
 */
export const workloadSpecSchema = z.strictObject({
  context: z.string().min(1).max(253).nullable().default(null),
  ref: workloadRefSchema,
  source: telemetrySourceSchema,
  policy: z.enum(['chord', 'scalar']).default('chord'),
  mode: z.enum(['observe', 'propose']).default('observe'),
  interval_s: z.number().min(1).max(86_400).nullable().default(null),
  window_s: z.number().min(1).max(86_400).nullable().default(null),
  cooldown_s: z.number().min(0).max(2_592_000).default(0),
  max_delta_per_step: z.number().min(0).max(1_000_000).default(0),
  /** Chords of risk tier `advanced` may be used without asking again. */
  approve_advanced: z.boolean().default(false),
});
export type WorkloadSpec = z.infer<typeof workloadSpecSchema>;

export const workloadSchema = workloadSpecSchema.extend({
  id: workloadIdSchema,
  registered_by: z.string(),
  registered_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  observed_at: z.iso.datetime().nullable(),
  /** The change that was proposed for it last, open or not. */
  change: z.string().nullable(),
});
export type TunedWorkload = z.infer<typeof workloadSchema>;

/** Set `knob` to `target`, under the rule `chord` of the catalog. */
export const tuningActionSchema = z.object({
  knob: z.string().min(1).max(100),
  target: z.union([z.number(), z.string().max(100)]),
  reason: z.string().max(200),
  chord: z.string().max(100),
});

/**
 * What one look at a workload saw and led to. `problem`: why samples, or the workload itself, could not be read. `values`
 * are of the window: median step time in ms, mean throughput; null where nothing was measured. `proposed` is `allowed`
 * and `blocked` together. `change`: what was made of it; `note`: why nothing was.
 */
export const workloadObservationSchema = z.object({
  id: z.string(),
  workload: z.string(),
  at: z.iso.datetime(),
  problem: z.string().max(2000).nullable(),
  window_s: z.number(),
  values: z.object({ step_time_ms: z.number().nullable(), throughput: z.number().nullable() }),
  signals: z.object({
    incident: z.boolean(),
    stable: z.boolean(),
    drift: z.boolean(),
    burst: z.boolean(),
    straggler: z.boolean(),
    gpu_saturated: z.boolean(),
    notes: z.array(z.string()),
  }),
  distress: z.object({ comm_congestion: z.boolean(), near_hang: z.boolean() }),
  assessment: z.object({
    assessment_result_class: z.enum([
      'signal_found',
      'no_actionable_signal',
      'insufficient_evidence',
    ]),
    coverage_ok: z.boolean(),
    sample_count: z.number().int(),
    window_s: z.number(),
    sources_seen: z.array(z.string()),
    evidence_quality: z.enum(['high', 'medium', 'low']),
    insufficient_evidence_reasons: z.array(z.string()),
    signal_count: z.number().int(),
    actionable_proposal_count: z.number().int(),
  }),
  knobs: z.record(z.string(), z.number()),
  proposed: z.array(tuningActionSchema),
  allowed: z.array(tuningActionSchema),
  blocked: z.array(z.object({ action: tuningActionSchema, reason: z.string() })),
  change: z.string().nullable(),
  note: z.string().max(2000).nullable(),
});
export type WorkloadObservation = z.infer<typeof workloadObservationSchema>;
