import * as z from 'zod';
import { defineApi, op } from '../api.ts';
import {
  policyFileSchema,
  policyProblemSchema,
  policyRequestSchema,
  policyRevisionSchema,
  policyStatementSchema,
  policyVerdictSchema,
} from '../records/policy.ts';
import { changeDriverOps } from './change-driver-api.ts';

const files = z.array(policyFileSchema).min(1).max(200);
const POLICY_BYTES = 8 * 1024 * 1024;

/** Policies: what is in force, why it decides as it does, and what another set would decide. */
export const policyApi = defineApi({
  kernel: 'policy_engine',
  ops: {
    getPolicies: op({
      method: 'GET',
      path: '/api/policy',
      summary: 'The policies in force, with revision and checksum',
      input: z.object({}),
      output: policyRevisionSchema.extend({ items: z.array(policyStatementSchema) }),
      risk: 'read',
      role: 'viewer',
    }),
    getPolicyFiles: op({
      method: 'GET',
      path: '/api/policy/files',
      summary: 'The files of a revision, of the one in force unless told',
      input: z.object({ revision: z.coerce.number().int().optional() }),
      output: policyRevisionSchema.extend({ sources: z.array(policyFileSchema) }),
      risk: 'read',
      role: 'viewer',
      errors: ['policy_revision_not_found'],
    }),
    listPolicyRevisions: op({
      method: 'GET',
      path: '/api/policy/revisions',
      summary: 'Every revision that was in force, newest first',
      input: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) }),
      output: z.object({ items: z.array(policyRevisionSchema) }),
      risk: 'read',
      role: 'viewer',
    }),
    validatePolicies: op({
      method: 'POST',
      path: '/api/policy/validate',
      summary: 'Checks policies against syntax and schema; nothing is stored',
      input: z.strictObject({ files }),
      output: z.object({ ok: z.boolean(), problems: z.array(policyProblemSchema) }),
      risk: 'read',
      role: 'viewer',
      maxBodyBytes: POLICY_BYTES,
    }),
    stagePolicies: op({
      method: 'POST',
      path: '/api/policy/drafts',
      summary:
        'Stores a valid set of policies under its checksum, for a change of kind policy (intent `draft`)',
      input: z.strictObject({ files }),
      output: z.object({ checksum: z.string(), statements: z.number().int() }),
      risk: 'change',
      role: 'operator',
      errors: ['policy_invalid', 'policy_draft_limit', 'tripwire'],
      maxBodyBytes: POLICY_BYTES,
    }),
    explainPolicy: op({
      method: 'POST',
      path: '/api/policy/explain',
      summary: 'Which policies decide about a change, by its id or as described',
      input: z.strictObject({
        change: z.string().max(100).optional(),
        request: policyRequestSchema.optional(),
      }),
      output: z.object({
        request: policyRequestSchema,
        verdict: policyVerdictSchema,
        statements: z.array(policyStatementSchema),
      }),
      risk: 'read',
      role: 'viewer',
      errors: ['change_not_found', 'invalid_input'],
    }),
    dryRunPolicies: op({
      method: 'POST',
      path: '/api/policy/dry-run',
      summary: 'What another set would have decided about the last decisions, with the differences',
      input: z.strictObject({
        files,
        last: z.number().int().min(1).max(100_000).default(1000),
      }),
      output: z.object({
        total: z.number().int(),
        changed: z.number().int(),
        newly_denied: z.number().int(),
        newly_allowed: z.number().int(),
        checksum: z.string(),
        /** At most 200. */
        differences: z.array(
          z.object({
            change: z.string(),
            at: z.iso.datetime(),
            before: z.boolean(),
            after: z.boolean(),
            determining: z.array(z.string()),
            denials: z.array(z.string()),
          }),
        ),
        summary: z.string(),
      }),
      risk: 'read',
      role: 'operator',
      errors: ['policy_invalid'],
      maxBodyBytes: POLICY_BYTES,
      answerMs: 120_000,
    }),
    decidePolicies: op({
      method: 'POST',
      path: '/policy/decide',
      summary: 'Decides about a change as planned; `record` keeps the question for dry runs',
      input: z.object({ request: policyRequestSchema, record: z.boolean().default(true) }),
      output: policyVerdictSchema,
      risk: 'read',
      role: 'internal',
      callers: ['governance'],
      maxBodyBytes: POLICY_BYTES,
    }),
    ...changeDriverOps,
  },
});
