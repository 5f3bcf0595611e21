import * as z from 'zod';
import { approvalSchema, challengeSchema } from './approval.ts';
import { CHANGE_KINDS } from './change-kind.ts';
import { observationSchema, planSchema, stepProgressSchema, verifyReportSchema } from './plan.ts';

export const CHANGE_STATES = [
  'proposed',
  'planned',
  'verified',
  'waiting',
  'approved',
  'applying',
  'watching',
  'done',
  'blocked',
  'rejected',
  'expired',
  'cancelled',
  'failed',
  'reverting',
  'reverted',
] as const;
export type ChangeState = (typeof CHANGE_STATES)[number];

export const TERMINAL_STATES: readonly ChangeState[] = [
  'done',
  'blocked',
  'rejected',
  'expired',
  'cancelled',
  'failed',
  'reverted',
];
export const isTerminal = (state: ChangeState): boolean => TERMINAL_STATES.includes(state);

/** The id of a change that somebody only thinks about (`simulateChange`): nobody keeps anything about it. */
export const SIMULATED_CHANGE = 'simulated';

export const RISKS = ['low', 'medium', 'high', 'critical'] as const;
export type Risk = (typeof RISKS)[number];
export const riskSchema = z.enum(RISKS);

/** A reason with its code from the error table. */
export const reasonSchema = z.object({ code: z.string(), detail: z.string().max(4000) });
export type Reason = z.infer<typeof reasonSchema>;

/** The gate's decision: all reasons that hold, in gate order; `first` is the one reported. */
export const gateDecisionSchema = z.object({
  allowed: z.boolean(),
  first: z.string().nullable(),
  reasons: z.array(reasonSchema),
  evaluated: z.array(z.string()),
  decided_at: z.iso.datetime(),
});
export type GateDecision = z.infer<typeof gateDecisionSchema>;

/**
 * One intended mutation with all that happened to it. `reasons` says in words why it stands where it stands.
 * `risk` is null until there is a plan. `reverts` and `reverted_by` link a change and its undo. `held`: it is allowed
 * as far as the gate goes, and is applied only once its author asks for it. `active_at`: when the delay of its class
 * ends, so that it can be challenged until then; null while it is not approved or needs no delay.
 */
export const changeSchema = z.object({
  id: z.string(),
  kind: z.enum(CHANGE_KINDS),
  state: z.enum(CHANGE_STATES),
  risk: riskSchema.nullable(),
  risk_reasons: z.array(z.string()),
  reasons: z.array(reasonSchema),
  target: z.record(z.string(), z.string()),
  intent: z.record(z.string(), z.unknown()),
  plan: planSchema.nullable(),
  verify: verifyReportSchema.nullable(),
  gate: gateDecisionSchema.nullable(),
  approvals: z.array(approvalSchema),
  challenges: z.array(challengeSchema),
  held: z.boolean(),
  active_at: z.iso.datetime().nullable(),
  steps: z.array(stepProgressSchema),
  observation: observationSchema.nullable(),
  reverts: z.string().nullable(),
  reverted_by: z.string().nullable(),
  proposed_by: z.string(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
  finished_at: z.iso.datetime().nullable(),
  version: z.number().int(),
});
export type Change = z.infer<typeof changeSchema>;
