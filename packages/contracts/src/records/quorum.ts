import * as z from 'zod';

/**
 * What a plan is about, decided by its planner: `security` changes who may do what, `covenant` changes the rules that
 * changes are judged by (policies, quorums), `standard` is everything else.
 */
export const PLAN_CLASSES = ['standard', 'security', 'covenant'] as const;
export type PlanClass = (typeof PLAN_CLASSES)[number];

/** The rule of a class as the profile has it. `two_thirds`: only listed voters count, and more than two thirds must say yes. */
export const classRuleSchema = z.strictObject({
  approval_from_risk: z.enum(['low', 'medium', 'high', 'critical']),
  approvals: z.number().int().min(1),
  quorum: z.enum(['none', 'two_thirds']),
  min_voters: z.number().int().min(0),
  /** How long an approved change can be challenged before it is applied. */
  delay_s: z.number().min(0),
});
export type ClassRule = z.infer<typeof classRuleSchema>;

/** The voters of a class as they stand. `revision` 0: nobody was named yet. */
export const quorumSchema = z.object({
  class: z.enum(PLAN_CLASSES),
  voters: z.array(z.string()),
  k: z.number().int(),
  revision: z.number().int(),
  changed_at: z.iso.datetime().nullable(),
  changed_by: z.string().nullable(),
});
export type Quorum = z.infer<typeof quorumSchema>;

/** The least k for n voters where more than two thirds have to agree. */
export const twoThirds = (n: number): number => Math.floor((2 * n) / 3) + 1;
