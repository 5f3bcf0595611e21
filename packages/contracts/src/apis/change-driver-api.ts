import * as z from 'zod';
import { op } from '../api.ts';
import {
  observationSchema,
  planSchema,
  planStepSchema,
  stepActionSchema,
  stepResultSchema,
  verifyReportSchema,
} from '../records/plan.ts';
import { signalSampleSchema } from '../records/signal.ts';

/** A plan of thousands of steps, as JSON. */
const PLAN_BYTES = 8 * 1024 * 1024;

/** What a planner needs to know about a change. */
export const planRequestSchema = z.object({
  change: z.string(),
  kind: z.string(),
  target: z.record(z.string(), z.string()),
  intent: z.record(z.string(), z.unknown()),
});

/** A plan without hash, owner and time stamp of the engine: what the owner of the domain decides. */
export const draftPlanSchema = planSchema
  .pick({ base: true, steps: true, timeout_ms: true, class: true, signals: true })
  .extend({
    target: z.record(z.string(), z.string()),
    steps: z.array(planStepSchema),
  });
export type DraftPlan = z.infer<typeof draftPlanSchema>;

/**
 * The operations of a change driver. The kernel that owns a domain offers them to governance (plan, verify) and to the
 * workflow engine (apply, observe). `applyStep` is idempotent by run and step: it starts the step if it is not known,
 * waits up to wait_ms and answers `running` until there is a result.
 */
export const changeDriverOps = {
  planChange: op({
    method: 'POST',
    path: '/driver/plan',
    summary: 'Plans a change against the world as it is now; changes nothing',
    input: planRequestSchema,
    output: draftPlanSchema,
    risk: 'read',
    role: 'internal',
    errors: [
      'nothing_to_do',
      'plan_failed',
      'baseline_missing',
      'agent_offline',
      'agent_timeout',
      'host_not_found',
      'workload_not_found',
      'cluster_unavailable',
    ],
  }),
  verifyPlan: op({
    method: 'POST',
    path: '/driver/verify',
    summary: 'Dry-runs every step of a plan; changes nothing',
    input: z.object({ plan: planSchema }),
    output: verifyReportSchema,
    maxBodyBytes: PLAN_BYTES,
    risk: 'read',
    role: 'internal',
    errors: ['agent_offline', 'agent_timeout', 'cluster_unavailable'],
  }),
  applyStep: op({
    method: 'POST',
    path: '/driver/apply',
    summary: 'Carries out one step (or its inverse) once; poll until it is not running',
    input: z.object({
      run: z.string(),
      step: z.string(),
      target: z.record(z.string(), z.string()),
      action: stepActionSchema,
      timeout_ms: z.number().int(),
      wait_ms: z.number().int().min(0).max(25_000),
      /** Grows each time another engine takes the run over: a lower one than was seen before is refused. */
      fence: z.number().int().min(0),
    }),
    output: stepResultSchema,
    risk: 'change',
    role: 'internal',
    callers: ['workflow_engine'],
    errors: ['agent_offline', 'host_not_found', 'invalid_input', 'fenced'],
  }),
  sampleSignals: op({
    method: 'POST',
    path: '/driver/signals',
    summary: 'Measures the signals of a plan once; what cannot be measured is null',
    input: z.object({ plan: planSchema }),
    output: signalSampleSchema,
    maxBodyBytes: PLAN_BYTES,
    risk: 'read',
    role: 'internal',
    errors: ['agent_offline', 'agent_timeout'],
  }),
  observeChange: op({
    method: 'POST',
    path: '/driver/observe',
    summary: 'Looks at the target afresh and compares it with what the plan intended',
    input: z.object({ plan: planSchema, undone: z.boolean() }),
    output: observationSchema,
    maxBodyBytes: PLAN_BYTES,
    risk: 'read',
    role: 'internal',
    errors: ['agent_offline', 'agent_timeout'],
  }),
} as const;
