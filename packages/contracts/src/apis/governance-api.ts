import * as z from 'zod';
import { defineApi, listOf, op, pageInput } from '../api.ts';
import { CHANGE_KINDS, CHANGE_STATES, changeSchema } from '../records/change.ts';
import { observationSchema, stepProgressSchema } from '../records/plan.ts';

const changeId = z.object({ id: z.string().min(1).max(100) });

export const freezeSchema = z.object({
  on: z.boolean(),
  source: z.enum(['environment', 'operator', 'none']),
  reason: z.string(),
  by: z.string().nullable(),
  since: z.iso.datetime().nullable(),
});
export type Freeze = z.infer<typeof freezeSchema>;

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
});
export type RunReport = z.infer<typeof runReportSchema>;

/** Changes, their decisions and the kill switch. */
export const governanceApi = defineApi({
  kernel: 'governance',
  ops: {
    proposeChange: op({
      method: 'POST',
      path: '/api/changes',
      summary: 'Proposes a change; it is planned, verified and decided without further calls',
      input: z.strictObject({
        kind: z.enum(CHANGE_KINDS).exclude(['revert']),
        target: z.strictObject({ host: z.string().min(1).max(300) }),
        intent: z.record(z.string(), z.unknown()).default({}),
      }),
      output: changeSchema,
      risk: 'change',
      role: 'operator',
      status: 201,
      idempotent: true,
      errors: ['change_conflict', 'change_kind_unknown', 'host_not_found', 'idempotency_mismatch'],
    }),
    listChanges: op({
      method: 'GET',
      path: '/api/changes',
      summary: 'Changes, newest first',
      input: z.object({
        ...pageInput,
        state: z.enum(CHANGE_STATES).optional(),
        kind: z.enum(CHANGE_KINDS).optional(),
        host: z.string().max(300).optional(),
      }),
      output: listOf(changeSchema),
      risk: 'read',
      role: 'viewer',
      errors: ['cursor_invalid'],
    }),
    getChange: op({
      method: 'GET',
      path: '/api/changes/{id}',
      summary: 'One change; with after_version it waits up to wait_ms for a newer version',
      input: changeId.extend({
        after_version: z.coerce.number().int().optional(),
        wait_ms: z.coerce.number().int().min(0).max(25_000).default(0),
      }),
      output: changeSchema,
      risk: 'read',
      role: 'viewer',
      errors: ['change_not_found'],
    }),
    approveChange: op({
      method: 'POST',
      path: '/api/changes/{id}/approve',
      summary: 'Approves the plan with this hash',
      input: changeId.extend({ plan_hash: z.string().max(200) }).strict(),
      output: changeSchema,
      risk: 'change',
      role: 'operator',
      errors: ['change_not_found', 'change_state', 'plan_hash_mismatch', 'self_approval'],
    }),
    rejectChange: op({
      method: 'POST',
      path: '/api/changes/{id}/reject',
      summary: 'Rejects a change that has not been applied',
      input: changeId.extend({ reason: z.string().min(1).max(1000) }).strict(),
      output: changeSchema,
      risk: 'change',
      role: 'operator',
      errors: ['change_not_found', 'change_state'],
    }),
    cancelChange: op({
      method: 'POST',
      path: '/api/changes/{id}/cancel',
      summary: 'Withdraws a change that has not been applied',
      input: changeId.strict(),
      output: changeSchema,
      risk: 'change',
      role: 'operator',
      errors: ['change_not_found', 'change_state'],
    }),
    revertChange: op({
      method: 'POST',
      path: '/api/changes/{id}/revert',
      summary: 'Proposes the inverse of a finished change as a new change',
      input: changeId.strict(),
      output: changeSchema,
      risk: 'change',
      role: 'operator',
      status: 201,
      idempotent: true,
      errors: [
        'change_not_found',
        'change_state',
        'change_conflict',
        'revert_impossible',
        'idempotency_mismatch',
      ],
    }),
    scheduleUpdate: op({
      method: 'POST',
      path: '/api/infrastructure/updates',
      summary:
        'Proposes to install given versions (`name==version` or `name@version`), off the baseline or not',
      input: z.strictObject({
        host_id: z.string().min(1).max(300),
        update_type: z.enum(['pip', 'npm']),
        environment: z.string().max(4096).optional(),
        packages: z.array(z.string().min(1).max(300)).min(1).max(500),
        requires_approval: z.boolean().default(true),
      }),
      output: changeSchema,
      risk: 'change',
      role: 'operator',
      status: 201,
      idempotent: true,
      errors: ['change_conflict', 'host_not_found', 'idempotency_mismatch', 'package_name_invalid'],
    }),
    listUpdates: op({
      method: 'GET',
      path: '/api/infrastructure/updates',
      summary: 'Changes that touch packages, newest first',
      input: z.object({ ...pageInput, host: z.string().max(300).optional() }),
      output: listOf(changeSchema),
      risk: 'read',
      role: 'viewer',
      errors: ['cursor_invalid'],
    }),
    getFreeze: op({
      method: 'GET',
      path: '/api/freeze',
      summary: 'The kill switch as it stands',
      input: z.object({}),
      output: freezeSchema,
      risk: 'read',
      role: 'viewer',
    }),
    freeze: op({
      method: 'POST',
      path: '/api/freeze',
      summary: 'Turns the kill switch on: no step of any change starts until it is off',
      input: z.strictObject({ reason: z.string().max(1000).default('') }),
      output: freezeSchema,
      risk: 'change',
      role: 'operator',
    }),
    unfreeze: op({
      method: 'DELETE',
      path: '/api/freeze',
      summary: 'Turns the kill switch off; one set by HOLDFAST_KILL_SWITCH stays on',
      input: z.object({}),
      output: freezeSchema,
      risk: 'change',
      role: 'admin',
      errors: ['kill_switch'],
    }),
    reportRun: op({
      method: 'POST',
      path: '/governance/runs/{id}/report',
      summary: 'Progress of a run, idempotent by sequence number',
      input: runReportSchema,
      output: z.object({ seq: z.number().int() }),
      risk: 'change',
      role: 'internal',
      errors: ['change_not_found'],
    }),
  },
});
