import * as z from 'zod';

/** `proposed`: waits to be applied; `applied`: in force; the others say how a proposal ended. */
export const CONFIG_STATES = [
  'proposed',
  'applying',
  'applied',
  'reverted',
  'expired',
  'rejected',
  'failed',
] as const;

/**
 * A change of settings as the configurator shows it and as `configs/pending.json` holds it. `patch` is a JSON Merge Patch
 * (RFC 7396) against the effective profile; `before` holds the values that it replaces. `ts` and `ttl` are seconds since
 * 1970, `ttl` being when the proposal expires.
 */
export const configEntrySchema = z.object({
  change: z.string(),
  state: z.enum(CONFIG_STATES),
  patch: z.record(z.string(), z.unknown()),
  before: z.record(z.string(), z.unknown()),
  author: z.string(),
  base_revision: z.string(),
  revision: z.string().nullable(),
  ts: z.number(),
  ttl: z.number(),
  proposed_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
  applied_at: z.iso.datetime().nullable(),
  applied_by: z.string().nullable(),
});
export type ConfigEntry = z.infer<typeof configEntrySchema>;

/** What is laid over the profile files. `revision` is the SHA-256 (hex) of `profile` and `overrides` as canonical JSON. */
export const activeConfigSchema = z.strictObject({
  profile: z.string(),
  overrides: z.record(z.string(), z.unknown()),
  revision: z.string(),
  change: z.string().nullable(),
});
export type ActiveConfig = z.infer<typeof activeConfigSchema>;
