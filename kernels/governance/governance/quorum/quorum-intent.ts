import { PLAN_CLASSES } from '@holdfast/contracts';
import * as z from 'zod';

/** Who votes about a class, and how many of them have to agree. */
export const quorumIntentSchema = z.strictObject({
  class: z.enum(PLAN_CLASSES),
  voters: z.array(z.string().min(1).max(200)).max(99),
  k: z.number().int().min(1).max(99),
});
/** What a step sets: also nobody, which is what the undo of the first quorum leads back to. */
export const quorumParamsSchema = quorumIntentSchema.extend({ k: z.number().int().min(0) });
export type QuorumIntent = z.infer<typeof quorumIntentSchema>;

export const isQuorumIntent = (intent: unknown): intent is QuorumIntent =>
  quorumIntentSchema.safeParse(intent).success;
