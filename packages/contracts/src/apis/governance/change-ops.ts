import * as z from 'zod';
import { listOf, op, pageInput } from '../../api.ts';
import { CHANGE_KINDS, PROPOSABLE_KINDS } from '../../records/change-kind.ts';
import {
  CHANGE_STATES,
  changeSchema,
  gateDecisionSchema,
  riskSchema,
} from '../../records/change.ts';
import { planSchema, verifyReportSchema } from '../../records/plan.ts';

export const changeId = z.object({ id: z.string().min(1).max(100) });

const PROPOSE_ERRORS = [
  'change_conflict',
  'change_kind_unknown',
  'config_key_forbidden',
  'config_patch_invalid',
  'host_not_found',
  'idempotency_mismatch',
  'quorum_invalid',
] as const;

/** What somebody wants changed. `target` has the one key that the kind names: `{ host: 'local' }`. */
const wanted = {
  kind: z.enum(PROPOSABLE_KINDS),
  target: z.record(z.string().max(40), z.string().min(1).max(300)),
  intent: z.record(z.string(), z.unknown()).default({}),
};

/** Proposing, reading and undoing changes. */
export const changeOps = {
  proposeChange: op({
    method: 'POST',
    path: '/api/changes',
    summary: 'Proposes a change; it is planned, verified and decided without further calls',
    input: z.strictObject({
      ...wanted,
      /** Plan, verify and decide, but apply only once somebody asks for it. */
      hold: z.boolean().default(false),
      /** How long it may take to be decided and applied; the profile's limit is the most. */
      ttl_s: z.number().positive().max(2_592_000).optional(),
    }),
    output: changeSchema,
    risk: 'change',
    role: 'operator',
    status: 201,
    idempotent: true,
    errors: PROPOSE_ERRORS,
  }),
  simulateChange: op({
    method: 'POST',
    path: '/api/changes/simulate',
    summary: 'What the gate would say to this change now, and why; nothing is recorded or changed',
    input: z.strictObject(wanted),
    output: z.object({
      plan: planSchema,
      risk: riskSchema,
      risk_reasons: z.array(z.string()),
      verify: verifyReportSchema,
      gate: gateDecisionSchema,
      /** Names of the policies that decided. */
      policies: z.array(z.string()),
    }),
    risk: 'read',
    role: 'operator',
    errors: PROPOSE_ERRORS,
    answerMs: 330_000,
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
    summary:
      'One change; with wait_ms it waits for a version after after_version, or with until=end for its end',
    input: changeId.extend({
      after_version: z.coerce.number().int().optional(),
      until: z.enum(['end']).optional(),
      wait_ms: z.coerce.number().int().min(0).max(25_000).default(0),
    }),
    output: changeSchema,
    risk: 'read',
    role: 'viewer',
    errors: ['change_not_found'],
  }),
  simulateDecision: op({
    method: 'GET',
    path: '/api/changes/{id}/simulate',
    summary: 'What the gate would say to an open change now, and why',
    input: changeId,
    output: z.object({ gate: gateDecisionSchema, policies: z.array(z.string()) }),
    risk: 'read',
    role: 'viewer',
    errors: ['change_not_found', 'change_state'],
    answerMs: 330_000,
  }),
  applyChange: op({
    method: 'POST',
    path: '/api/changes/{id}/apply',
    summary: 'Lets a change that was proposed with hold be applied once the gate allows it',
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
} as const;
