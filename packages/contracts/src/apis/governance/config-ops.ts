import * as z from 'zod';
import { op } from '../../api.ts';
import { GATE_ORDER } from '../../errors/gate-errors.ts';
import { activeConfigSchema, configEntrySchema } from '../../records/config-change.ts';

/** How a first-class answer of the configurator document looks; refusals are problems. */
const answered = z.object({ ok: z.literal(true), change: z.string() });

/** How long the call may wait for its values to be in force; what is not by then is answered as it stands. */
const wait = { wait_ms: z.coerce.number().int().min(0).max(300_000).default(300_000) };

/** The change that the caller has seen; without it whatever there is. */
const seen = { change: z.string().max(100).optional() };

/** The configurator of the profile document: settings as changes. */
export const configOps = {
  proposeConfig: op({
    method: 'POST',
    path: '/v1/config/propose',
    summary:
      'Proposes a JSON Merge Patch against the effective profile (the body, without ttl_sec and base_revision)',
    input: z.looseObject({
      ttl_sec: z.number().positive().max(604_800).optional(),
      base_revision: z.string().max(200).optional(),
    }),
    output: answered.extend({ pending: configEntrySchema }),
    risk: 'change',
    role: 'admin',
    idempotent: true,
    errors: [
      'config_patch_invalid',
      'config_key_forbidden',
      'config_pending',
      'change_conflict',
      'idempotency_mismatch',
      'plan_stale',
      'kill_switch',
      'tripwire',
    ],
    answerMs: 120_000,
  }),
  applyConfig: op({
    method: 'POST',
    path: '/v1/config/apply',
    summary:
      'Applies the pending proposal, or refuses where it is not `change` or not for `base_revision`; answers once its values are in force, `applying` when this kernel is replaced meanwhile',
    input: z.looseObject({ ...wait, ...seen, base_revision: z.string().max(200).optional() }),
    output: answered.extend({ active: configEntrySchema }),
    risk: 'change',
    role: 'admin',
    errors: [
      'config_nothing_pending',
      'config_superseded',
      'config_expired',
      'config_not_applied',
      ...GATE_ORDER,
    ],
    answerMs: 330_000,
  }),
  revertConfig: op({
    method: 'POST',
    path: '/v1/config/revert',
    summary:
      'Undoes the change of settings that is in force, as a new change; refuses where it is not `change`',
    input: z.looseObject({ ...wait, ...seen }),
    output: answered.extend({ active: configEntrySchema.nullable() }),
    risk: 'change',
    role: 'admin',
    errors: [
      'config_nothing_active',
      'config_superseded',
      'config_not_applied',
      'change_conflict',
      ...GATE_ORDER,
    ],
    answerMs: 330_000,
  }),
  getConfigStatus: op({
    method: 'GET',
    path: '/v1/config/status',
    summary: 'The pending and the active change of settings, and how many there were',
    input: z.object({}),
    output: z.object({
      pending: configEntrySchema.nullable(),
      active: configEntrySchema.nullable(),
      history_count: z.number().int(),
      in_force: activeConfigSchema,
    }),
    risk: 'read',
    role: 'viewer',
  }),
  getConfigHistory: op({
    method: 'GET',
    path: '/v1/config/history',
    summary: 'Every change of settings with author, time, before and after, newest first',
    input: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) }),
    output: z.object({ items: z.array(configEntrySchema), total: z.number().int() }),
    risk: 'read',
    role: 'viewer',
  }),
  getConfigProfile: op({
    method: 'GET',
    path: '/v1/config/profile',
    summary: 'The profile in force and its effective settings',
    input: z.object({}),
    output: z.object({
      profile: z.string(),
      setupDone: z.boolean(),
      revision: z.string(),
      effective: z.record(z.string(), z.unknown()),
    }),
    risk: 'read',
    role: 'viewer',
  }),
  switchProfile: op({
    method: 'POST',
    path: '/v1/config/profile',
    summary:
      'Proposes to switch the profile and answers once it is in force (setupDone), or what it waits for',
    input: z.strictObject({ profile: z.string().min(1).max(100), ...wait }),
    output: z.object({
      profile: z.string(),
      setupDone: z.boolean(),
      /** Null where the profile was in force already, and no change has put it there. */
      change: z.string().nullable(),
    }),
    risk: 'change',
    role: 'admin',
    idempotent: true,
    errors: [
      'profile_unknown',
      'config_not_applied',
      'config_pending',
      'change_conflict',
      'idempotency_mismatch',
      ...GATE_ORDER,
    ],
    answerMs: 330_000,
  }),
} as const;
