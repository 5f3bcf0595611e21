import * as z from 'zod';
import { op } from '../../api.ts';
import {
  accessTokenSchema,
  approverKeySchema,
  principalIdSchema,
  principalRecordSchema,
} from '../../records/identity.ts';
import { ROLES, principalSchema } from '../../records/principal.ts';

const id = z.object({ id: z.string().min(1).max(200) });
const issued = z.object({ token: z.string(), record: accessTokenSchema });

/** Who may call: people and programs, their tokens, keys and sessions. The owner of the stack is always there. */
export const identityOps = {
  createPrincipal: op({
    method: 'POST',
    path: '/auth/principals',
    summary: 'Adds a person or an AI agent; nobody grants a role above their own',
    input: z.strictObject({
      id: principalIdSchema,
      kind: z.enum(['human', 'ai']).default('human'),
      role: z.enum(ROLES).exclude(['owner']),
      name: z.string().max(200).default(''),
      person: principalIdSchema.optional(),
    }),
    output: principalRecordSchema,
    risk: 'change',
    role: 'admin',
    status: 201,
    errors: ['principal_exists', 'principal_reserved', 'tripwire'],
  }),
  listPrincipals: op({
    method: 'GET',
    path: '/auth/principals',
    summary: 'Everybody who may call',
    input: z.object({}),
    output: z.object({ items: z.array(principalRecordSchema) }),
    risk: 'read',
    role: 'viewer',
  }),
  updatePrincipal: op({
    method: 'PUT',
    path: '/auth/principals/{id}',
    summary:
      'Changes the role of somebody, says who they are one person with, or disables them: all their tokens and keys stop at once',
    input: id
      .extend({
        role: z.enum(ROLES).exclude(['owner']).optional(),
        state: z.enum(['active', 'disabled']).optional(),
        name: z.string().max(200).optional(),
        /** Only somebody who is neither of the two says who is one person with whom. */
        person: principalIdSchema.optional(),
        /** The same by whom the identity provider of the profile knows them as; goes without `person`. */
        login: z
          .strictObject({
            issuer: z.string().min(1).max(500),
            subject: z.string().min(1).max(255),
          })
          .optional(),
      })
      .strict(),
    output: principalRecordSchema,
    risk: 'change',
    role: 'admin',
    errors: ['principal_not_found', 'principal_reserved', 'issuer_unknown', 'login_not_configured'],
  }),
  createToken: op({
    method: 'POST',
    path: '/auth/tokens',
    summary:
      'Makes a token for the caller, or as an admin for somebody of no higher role; shown once',
    input: z.strictObject({
      principal: z.string().max(200).optional(),
      label: z.string().max(200).default(''),
      scopes: z.array(z.string().max(100)).max(50).default(['*']),
      expires_in_s: z.number().int().min(60).max(31_622_400).default(2_592_000),
    }),
    output: issued,
    risk: 'change',
    role: 'viewer',
    status: 201,
    errors: ['principal_not_found', 'scope_invalid', 'token_limit', 'tripwire'],
  }),
  listTokens: op({
    method: 'GET',
    path: '/auth/tokens',
    summary: "The caller's tokens and sessions; of everybody, for an admin",
    input: z.object({ principal: z.string().max(200).optional() }),
    output: z.object({ items: z.array(accessTokenSchema) }),
    risk: 'read',
    role: 'viewer',
  }),
  revokeToken: op({
    method: 'DELETE',
    path: '/auth/tokens/{id}',
    summary: 'Ends a token or session at once',
    input: id,
    output: accessTokenSchema,
    risk: 'change',
    role: 'viewer',
    errors: ['token_not_found'],
  }),
  registerKey: op({
    method: 'POST',
    path: '/auth/keys',
    summary: 'Registers a public key (Ed25519) with which the caller signs decisions',
    input: z.strictObject({
      public_key: z.string().min(43).max(44),
      /** Base64 signature over `keyStatement`. */
      proof: z.string().min(86).max(90),
    }),
    output: approverKeySchema,
    risk: 'change',
    role: 'operator',
    status: 201,
    errors: ['key_invalid', 'key_limit', 'key_taken', 'not_a_person'],
  }),
  listKeys: op({
    method: 'GET',
    path: '/auth/keys',
    summary: 'Keys with which decisions are signed',
    input: z.object({ principal: z.string().max(200).optional() }),
    output: z.object({ items: z.array(approverKeySchema) }),
    risk: 'read',
    role: 'viewer',
  }),
  confirmKey: op({
    method: 'POST',
    path: '/auth/keys/{id}/confirm',
    summary: 'Confirms the key of somebody else, where the profile asks for that',
    input: id.strict(),
    output: approverKeySchema,
    risk: 'change',
    role: 'admin',
    errors: ['key_not_found', 'key_one_voice', 'not_a_person', 'self_approval'],
  }),
  revokeKey: op({
    method: 'DELETE',
    path: '/auth/keys/{id}',
    summary: 'Revokes a key: what it signed and was not applied yet does not count any more',
    input: id,
    output: approverKeySchema,
    risk: 'change',
    role: 'operator',
    errors: ['key_not_found'],
  }),
  beginLogin: op({
    method: 'POST',
    path: '/auth/login',
    summary: 'Begins a login at the identity provider (OpenID Connect, code flow with PKCE)',
    input: z.strictObject({ redirect_uri: z.url().max(500) }),
    output: z.object({
      authorization_url: z.string(),
      state: z.string(),
      expires_in_s: z.number(),
    }),
    risk: 'read',
    role: 'anyone',
    errors: ['login_not_configured', 'login_provider_unavailable', 'login_failed'],
  }),
  finishLogin: op({
    method: 'POST',
    path: '/auth/callback',
    summary: 'Ends a login with what the provider sent to the redirect address; answers a session',
    input: z.strictObject({ callback_url: z.url().max(4000) }),
    output: issued,
    risk: 'change',
    role: 'anyone',
    errors: ['login_not_configured', 'login_provider_unavailable', 'login_failed'],
  }),
  logout: op({
    method: 'POST',
    path: '/auth/logout',
    summary: 'Ends the session (or token) that was sent with this call',
    input: z.strictObject({}),
    output: accessTokenSchema,
    risk: 'change',
    role: 'viewer',
    errors: ['token_not_found'],
  }),
  introspectToken: op({
    method: 'POST',
    path: '/identity/introspect',
    summary: 'Whom a token belongs to; by its id and the SHA-256 (hex) of its secret',
    input: z.strictObject({ id: z.string().max(40), digest: z.string().max(64) }),
    output: z.object({ principal: principalSchema, expires_at: z.iso.datetime() }),
    risk: 'read',
    role: 'internal',
    callers: ['gateway'],
    errors: ['forbidden'],
  }),
  getIdentityRevision: op({
    method: 'GET',
    path: '/identity/revision',
    summary:
      'A number that grows with every change of who may call; waits up to wait_ms for one above `after`',
    input: z.object({
      after: z.coerce.number().int().default(-1),
      wait_ms: z.coerce.number().int().min(0).max(25_000).default(0),
    }),
    output: z.object({ revision: z.number().int() }),
    risk: 'read',
    role: 'internal',
    callers: ['gateway'],
  }),
} as const;
