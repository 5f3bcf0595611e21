import * as z from 'zod';
import { ROLES } from './principal.ts';

/** Ids of people and programs: `ann`, `deploy-bot`, `oidc:3f2a...`. `kernel:`, `agent:` and `local:` belong to the product. */
export const principalIdSchema = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:@+-]*$/);

/**
 * Somebody who may call. `person` says who stands behind it; two principals of one person count as one where people are
 * counted. `ai` principals propose and never approve.
 */
export const principalRecordSchema = z.object({
  id: z.string(),
  kind: z.enum(['human', 'ai']),
  role: z.enum(ROLES),
  name: z.string(),
  person: z.string(),
  state: z.enum(['active', 'disabled']),
  created_by: z.string(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export type PrincipalRecord = z.infer<typeof principalRecordSchema>;

/** A token without its secret. `scopes`: see `mayCall`. `session`: it came from a login and can be ended by logging out. */
export const accessTokenSchema = z.object({
  id: z.string(),
  principal: z.string(),
  label: z.string(),
  scopes: z.array(z.string()),
  type: z.enum(['token', 'session']),
  created_by: z.string(),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
  revoked_at: z.iso.datetime().nullable(),
});
export type AccessToken = z.infer<typeof accessTokenSchema>;

/** A key with which a person signs decisions. `pending`: another admin has to confirm it first. */
export const approverKeySchema = z.object({
  id: z.string(),
  principal: z.string(),
  public_key: z.string(),
  state: z.enum(['pending', 'active', 'revoked']),
  created_at: z.iso.datetime(),
  confirmed_by: z.string().nullable(),
  revoked_at: z.iso.datetime().nullable(),
});
export type ApproverKey = z.infer<typeof approverKeySchema>;

/** Tokens read `hft_<id>_<secret>`; the server keeps the SHA-256 of the secret, which has 256 bits of its own. */
export const TOKEN_PATTERN = /^hft_([A-Za-z0-9]{8,40})_([A-Za-z0-9_-]{43})$/;
