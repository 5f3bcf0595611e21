import * as z from 'zod';
import { op } from '../../api.ts';
import { clearanceSchema } from '../../records/freeze.ts';
import { observationSchema, stepProgressSchema } from '../../records/plan.ts';
import { signalSampleSchema } from '../../records/signal.ts';

/** What the workflow engine tells governance about a run; `seq` grows by one with each report of a run. */
export const runReportSchema = z.object({
  id: z.string(),
  seq: z.number().int(),
  state: z.enum(['applying', 'watching', 'done', 'failed']),
  steps: z.array(stepProgressSchema),
  observation: observationSchema.nullable(),
  code: z.string().optional(),
  detail: z.string().max(4000),
  /** On `failed`: whether the steps that were applied have to be undone by a revert change. */
  needs_revert: z.boolean(),
  /** What was measured before the first step and after the last one. */
  baseline: z.array(signalSampleSchema).max(200).default([]),
  watched: z.array(signalSampleSchema).max(200).default([]),
});
export type RunReport = z.infer<typeof runReportSchema>;
export type RunReportInput = z.input<typeof runReportSchema>;

/** Between governance and the workflow engine. */
export const runOps = {
  reportRun: op({
    method: 'POST',
    path: '/governance/runs/{id}/report',
    summary: 'Progress of a run, idempotent by sequence number',
    input: runReportSchema,
    output: z.object({ seq: z.number().int() }),
    risk: 'change',
    role: 'internal',
    callers: ['workflow_engine'],
    errors: ['change_not_found'],
  }),
  getClearance: op({
    method: 'GET',
    path: '/governance/runs/{id}/clearance',
    summary: 'Whether a step of this change may start now: kill switch, freezes, tripwires',
    input: z.object({ id: z.string().max(100) }),
    output: clearanceSchema,
    risk: 'read',
    role: 'internal',
    callers: ['workflow_engine'],
    errors: ['change_not_found'],
  }),
  getStepApproval: op({
    method: 'GET',
    path: '/governance/runs/{id}/steps/{step}/approval',
    summary: 'Whether people let the run go on behind this approval step; waits up to wait_ms',
    input: z.object({
      id: z.string().max(100),
      step: z.string().max(100),
      wait_ms: z.coerce.number().int().min(0).max(25_000).default(0),
    }),
    output: z.object({ approved: z.boolean(), by: z.array(z.string()) }),
    risk: 'read',
    role: 'internal',
    callers: ['workflow_engine'],
    errors: ['change_not_found'],
  }),
} as const;
