import * as z from 'zod';
import { op } from '../../api.ts';
import { signatureSchema } from '../../records/approval.ts';
import { changeSchema } from '../../records/change.ts';
import { PLAN_CLASSES, quorumSchema } from '../../records/quorum.ts';
import { changeId } from './change-ops.ts';

const SIGNATURE_ERRORS = [
  'approval_key_unknown',
  'approval_signature_invalid',
  'approval_expired',
  'approval_replayed',
  'not_a_person',
] as const;

const APPROVAL_ERRORS = [
  'change_not_found',
  'change_state',
  'plan_hash_mismatch',
  'self_approval',
  'not_a_voter',
  ...SIGNATURE_ERRORS,
] as const;

/** Deciding about changes: signed yes, no, objection. */
export const decisionOps = {
  approveChange: op({
    method: 'POST',
    path: '/api/changes/{id}/approve',
    summary: 'Approves the plan with this hash, with a signature of the caller over the decision',
    input: changeId.extend({ plan_hash: z.string().max(200), signature: signatureSchema }).strict(),
    output: changeSchema,
    risk: 'change',
    role: 'operator',
    errors: APPROVAL_ERRORS,
  }),
  withdrawApproval: op({
    method: 'POST',
    path: '/api/changes/{id}/withdraw',
    summary: 'Takes the approval of the caller back while the change has not been applied',
    input: changeId.strict(),
    output: changeSchema,
    risk: 'change',
    role: 'operator',
    errors: ['change_not_found', 'change_state'],
  }),
  challengeChange: op({
    method: 'POST',
    path: '/api/changes/{id}/challenge',
    summary: 'Objects to an approved change during its delay: the approvals so far are void',
    input: changeId
      .extend({
        reason: z.string().min(1).max(1000),
        plan_hash: z.string().max(200),
        signature: signatureSchema,
      })
      .strict(),
    output: changeSchema,
    risk: 'change',
    role: 'operator',
    errors: [
      'change_not_found',
      'change_state',
      'plan_hash_mismatch',
      'not_a_voter',
      ...SIGNATURE_ERRORS,
    ],
  }),
  approveStep: op({
    method: 'POST',
    path: '/api/changes/{id}/steps/{step}/approve',
    summary: 'Lets a run go on that waits at an approval step of its plan',
    input: changeId
      .extend({
        step: z.string().min(1).max(100),
        plan_hash: z.string().max(200),
        signature: signatureSchema,
      })
      .strict(),
    output: changeSchema,
    risk: 'change',
    role: 'operator',
    errors: APPROVAL_ERRORS,
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
  getQuorums: op({
    method: 'GET',
    path: '/api/quorum',
    summary: 'Whose approval counts, by class; a change of kind quorum changes it',
    input: z.object({}),
    output: z.object({
      items: z.array(
        quorumSchema.extend({
          class: z.enum(PLAN_CLASSES),
          /** What the profile asks of this class. */
          rule: z.string(),
        }),
      ),
    }),
    risk: 'read',
    role: 'viewer',
  }),
} as const;
