import * as z from 'zod';
import { defineApi, listOf, op, pageInput } from '../api.ts';
import { observationSchema, planSchema, stepProgressSchema } from '../records/plan.ts';
import { signalSampleSchema } from '../records/signal.ts';

export const RUN_STATES = ['applying', 'watching', 'done', 'failed'] as const;

/**
 * A durable execution of one plan. `id` is the id of the change. `journal` counts the records written. `code` and
 * `detail` say how it ended, or what it waits for; `baseline` and `watched` are what was measured before the first step
 * and after the last one.
 */
export const runSchema = z.object({
  id: z.string(),
  owner: z.string(),
  state: z.enum(RUN_STATES),
  plan_hash: z.string(),
  steps: z.array(stepProgressSchema),
  observation: observationSchema.nullable(),
  code: z.string().nullable(),
  detail: z.string(),
  needs_revert: z.boolean(),
  baseline: z.array(signalSampleSchema).max(60),
  watched: z.array(signalSampleSchema).max(60),
  journal: z.number().int(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export type Run = z.infer<typeof runSchema>;

export const workflowApi = defineApi({
  kernel: 'workflow_engine',
  ops: {
    startRun: op({
      method: 'PUT',
      path: '/workflow/runs/{id}',
      summary: 'Starts the run of an approved plan; the same id and plan again changes nothing',
      input: z.object({
        id: z.string().max(100),
        plan: planSchema,
        /** How long the signals of the plan are measured before the first step. */
        baseline_ms: z.number().int().min(0).default(0),
        watch_ms: z.number().int().min(0),
        /** The change that this plan undoes: it is done once the world is as it was before that change. */
        reverts: z.string().max(100).optional(),
      }),
      output: runSchema,
      risk: 'change',
      role: 'internal',
      callers: ['governance'],
      errors: ['plan_hash_mismatch', 'store_unavailable'],
      maxBodyBytes: 8 * 1024 * 1024,
    }),
    getRun: op({
      method: 'GET',
      path: '/api/workflow/runs/{id}',
      summary: 'One run with its step journal',
      input: z.object({ id: z.string().max(100) }),
      output: runSchema,
      risk: 'read',
      role: 'viewer',
      errors: ['not_found'],
    }),
    listRuns: op({
      method: 'GET',
      path: '/api/workflow/runs',
      summary: 'Runs, newest first',
      input: z.object(pageInput),
      output: listOf(runSchema),
      risk: 'read',
      role: 'viewer',
      errors: ['cursor_invalid'],
    }),
  },
});
