import * as z from 'zod';
import { listOf, op, pageInput } from '../../api.ts';
import { signatureSchema } from '../../records/approval.ts';
import {
  freezeSchema,
  freezeScopeSchema,
  frozeSchema,
  unfrozeSchema,
} from '../../records/freeze.ts';
import { tripwireCaseSchema, tripwireSetSchema } from '../../records/tripwire.ts';

/** Kill switch, scoped freezes and tripwires. */
export const freezeOps = {
  getFreeze: op({
    method: 'GET',
    path: '/api/freeze',
    summary: 'The kill switch and the scoped freezes as they stand',
    input: z.object({}),
    output: freezeSchema,
    risk: 'read',
    role: 'viewer',
  }),
  freeze: op({
    method: 'POST',
    path: '/api/freeze',
    summary:
      'Turns the kill switch on, or freezes one scope: no step of what it holds starts until it is off',
    input: z.strictObject({
      reason: z.string().max(1000).default(''),
      scope: freezeScopeSchema.optional(),
      until: z.iso.datetime().optional(),
    }),
    output: frozeSchema,
    risk: 'change',
    role: 'operator',
  }),
  unfreeze: op({
    method: 'DELETE',
    path: '/api/freeze',
    summary:
      'Turns the kill switch off, or thaws one scope; one set by HOLDFAST_KILL_SWITCH or by a tripwire stays on. `unfroze` is 0 when nothing of it was frozen',
    input: z.object({ scope: freezeScopeSchema.optional() }),
    output: unfrozeSchema,
    risk: 'change',
    role: 'admin',
    errors: ['kill_switch', 'tripwire'],
  }),
  getTripwires: op({
    method: 'GET',
    path: '/api/tripwires',
    summary: 'The hard rules in force, with their digest',
    input: z.object({}),
    output: tripwireSetSchema,
    risk: 'read',
    role: 'viewer',
  }),
  listTripwireCases: op({
    method: 'GET',
    path: '/api/tripwires/cases',
    summary: 'Activations of tripwires, newest first',
    input: z.object({ ...pageInput, state: z.enum(['open', 'released']).optional() }),
    output: listOf(tripwireCaseSchema),
    risk: 'read',
    role: 'viewer',
    errors: ['cursor_invalid'],
  }),
  releaseTripwireCase: op({
    method: 'POST',
    path: '/api/tripwires/cases/{id}/release',
    summary: 'Signs for ending the isolation of a case; its rule stays as it is',
    input: z.strictObject({ id: z.string().max(100), signature: signatureSchema }),
    output: tripwireCaseSchema,
    risk: 'change',
    role: 'admin',
    errors: [
      'tripwire_case_not_found',
      'self_approval',
      'not_a_voter',
      'approval_key_unknown',
      'approval_signature_invalid',
      'approval_expired',
      'approval_replayed',
      'not_a_person',
    ],
  }),
} as const;
