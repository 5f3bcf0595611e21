import * as z from 'zod';

export const policyFileSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}\.cedar$/),
  text: z.string().max(512 * 1024),
});
export type PolicyFile = z.infer<typeof policyFileSchema>;

/** One statement of a policy file. `id` is its @id annotation, or `<file>#<n>`. */
export const policyStatementSchema = z.object({
  id: z.string(),
  file: z.string(),
  effect: z.enum(['permit', 'forbid']),
  text: z.string(),
});

/** Checksum: SHA-256 (hex) of the canonical JSON of the files, sorted by name. */
export const policyRevisionSchema = z.object({
  revision: z.number().int(),
  checksum: z.string(),
  files: z.array(z.string()),
  statements: z.number().int(),
  change: z.string().nullable(),
  applied_at: z.iso.datetime(),
});
export type PolicyRevision = z.infer<typeof policyRevisionSchema>;

export const policyProblemSchema = z.object({
  file: z.string(),
  policy: z.string().nullable(),
  severity: z.enum(['error', 'warning']),
  detail: z.string(),
});
export type PolicyProblem = z.infer<typeof policyProblemSchema>;

/** What a policy may look at: the change as planned, its author, and the host if it has one. */
export const policyRequestSchema = z.object({
  change: z.string(),
  kind: z.string(),
  owner: z.string(),
  class: z.string(),
  target: z.record(z.string(), z.string()),
  risk: z.enum(['low', 'medium', 'high', 'critical']),
  undo: z.boolean(),
  /** The undo that a failed change demanded, in the name of its author. */
  automatic: z.boolean().default(false),
  steps: z.array(
    z.object({
      driver: z.string(),
      action: z.string(),
      movement: z.string(),
      major: z.boolean(),
      toward_baseline: z.boolean(),
    }),
  ),
  author: z.object({ id: z.string(), kind: z.string(), role: z.string() }),
  host: z
    .object({
      id: z.string(),
      os_type: z.string(),
      cpu_percent: z.number().nullable(),
      memory_percent: z.number().nullable(),
      capabilities: z.array(z.string()),
    })
    .nullable(),
  at: z.iso.datetime(),
});
export type PolicyRequest = z.infer<typeof policyRequestSchema>;

/** `denials` says in words why it is not allowed; empty exactly when `allowed`. `determining` names the policies that decided. */
export const policyVerdictSchema = z.object({
  allowed: z.boolean(),
  denials: z.array(z.string()),
  determining: z.array(z.string()),
  errors: z.array(z.string()),
  revision: z.number().int(),
});
export type PolicyVerdict = z.infer<typeof policyVerdictSchema>;
