import * as z from 'zod';

/** A hard rule as callers see it. `hard`: no profile, token, vote or policy reaches it. */
export const tripwireRuleSchema = z.object({
  id: z.string(),
  title: z.string(),
  level: z.enum(['hard', 'soft']),
  interdictions: z.array(z.string()),
});
export type TripwireRule = z.infer<typeof tripwireRuleSchema>;

/**
 * The rules in force. `code` is the SHA-256 (hex) of the source of their checks, `digest` that of the canonical JSON of
 * `{ rules, code }`, `pinned` the one that this version was released with.
 */
export const tripwireSetSchema = z.object({
  version: z.number().int(),
  digest: z.string(),
  pinned: z.string(),
  code: z.string(),
  rules: z.array(tripwireRuleSchema),
});
export type TripwireSet = z.infer<typeof tripwireSetSchema>;

/** What happens when one is touched, in this order. */
export const TRIPWIRE_PHASES = ['frozen', 'isolated', 'alerted', 'recorded', 'quorum'] as const;
export type TripwirePhase = (typeof TRIPWIRE_PHASES)[number];

export const tripwireHitSchema = z.object({
  rule: z.string(),
  level: z.enum(['hard', 'soft']),
  detail: z.string().max(2000),
});
export type TripwireHit = z.infer<typeof tripwireHitSchema>;

/**
 * One activation. `evidence` is the SHA-256 (hex) of what was looked at, which is in the ledger; the same evidence gives
 * the same hits again. While it is open its target and author stay frozen; a quorum of the covenant class releases it. What the
 * same author does again to the same rules on the same target is counted in `repeats` and opens no other case.
 */
export const tripwireCaseSchema = z.object({
  id: z.string(),
  change: z.string().nullable(),
  author: z.string(),
  scopes: z.array(z.string()),
  hits: z.array(tripwireHitSchema),
  evidence: z.string(),
  phase: z.enum(TRIPWIRE_PHASES),
  state: z.enum(['open', 'released']),
  releases: z.array(z.object({ principal: z.string(), key: z.string(), at: z.iso.datetime() })),
  needed: z.number().int(),
  opened_at: z.iso.datetime(),
  repeats: z.number().int(),
  last_seen_at: z.iso.datetime(),
  released_at: z.iso.datetime().nullable(),
});
export type TripwireCase = z.infer<typeof tripwireCaseSchema>;
