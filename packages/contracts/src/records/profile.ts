import * as z from 'zod';
import { classRuleSchema } from './quorum.ts';

const ABSOLUTE = /^(\/|[A-Za-z]:[\\/])/;

/**
 * A profile with nothing left to inherit. Every number under `limits` never shrinks from `user` to `pro` to
 * `enterprise-vip`. Times are in the unit that the name ends with.
 */
export const profileSchema = z.strictObject({
  name: z.enum(['base', 'user', 'pro', 'enterprise-vip']),
  inherits: z.string().optional(),
  description: z.string(),
  kernels: z.record(
    z.string(),
    z.strictObject({
      enabled: z.boolean(),
      /** `on-demand`: started by its first connection, stopped when idle for `idle_s`. */
      activation: z.enum(['always', 'on-demand']).default('always'),
      idle_s: z.number().positive().default(300),
    }),
  ),
  gateway: z.strictObject({
    /** How many processes share the public port. */
    processes: z.number().int().min(1).max(16),
  }),
  agent: z.strictObject({ local: z.boolean() }),
  features: z.strictObject({
    seal: z.boolean(),
    chatops: z.enum(['basic', 'terminal', 'admin-gated']),
  }),
  limits: z.strictObject({
    rate_limit_rps: z.number().int().positive(),
    max_hosts: z.number().int().positive(),
    max_open_changes: z.number().int().positive(),
    max_parallel_steps: z.number().int().positive(),
    max_changes_per_hour: z.number().int().positive(),
    /** Of changes that AI agents propose, each agent by itself. */
    max_ai_changes_per_hour: z.number().int().positive(),
    /** What `logs/` in the home keeps: lines are gone after twice that. Records and the ledger are no logs. */
    log_retention_days: z.number().int().positive(),
  }),
  guardian: z.strictObject({
    check_interval_s: z.number().positive(),
    liveness_interval_ms: z.number().int().positive(),
    failure_threshold: z.number().int().positive(),
    start_timeout_ms: z.number().int().positive(),
    stop_timeout_ms: z.number().int().positive(),
    /** Failed starts in a row after which automatic restarts pause, and for how long at first. */
    restart_attempts: z.number().int().positive(),
    restart_cooldown_s: z.number().positive(),
    mttr_target_s: z.number().positive(),
    /** Keep one started process in reserve. */
    warm_spare: z.boolean(),
  }),
  infrastructure: z.strictObject({
    scan_interval_s: z.number().positive(),
    heartbeat_interval_s: z.number().positive(),
    health_interval_s: z.number().positive(),
    offline_after_s: z.number().positive(),
    step_timeout_s: z.number().positive(),
  }),
  librarian: z.strictObject({
    /** Folders that may be indexed: absolute, or below $HOLDFAST_HOME or $HOLDFAST_DOCS (the product's own). */
    roots: z.array(z.string().regex(/^(\/|[A-Za-z]:[\\/]|\$HOLDFAST_(HOME|DOCS)(\/|$))/)),
    max_file_bytes: z.number().int().positive(),
    max_files: z.number().int().positive(),
  }),
  mode_keeper: z.strictObject({
    /** Absolute path; null: `~/.kube/config`, or KUBECONFIG where HOLDFAST_PASS_ENV hands it on. */
    kubeconfig: z.string().regex(ABSOLUTE).nullable(),
    /** Absolute path of a kubectl that is called instead of the API of the cluster. */
    kubectl: z.string().regex(ABSOLUTE).nullable(),
    /** What a workload is observed by where its own record does not say. */
    interval_s: z.number().positive(),
    window_s: z.number().positive(),
    /** For a patch, its rollout and the first samples after it. */
    step_timeout_s: z.number().positive(),
  }),
  gate: z.strictObject({
    /** Whose approval a change needs, by the class of its plan. */
    classes: z.strictObject({
      standard: classRuleSchema,
      security: classRuleSchema,
      covenant: classRuleSchema,
    }),
    change_ttl_s: z.number().positive(),
    /** How long signals are measured before the first step, and the result is watched after the last one. */
    baseline_s: z.number().min(0),
    watch_s: z.number().min(0),
    /** Between the end of an applied change and the next one of the same kind on the same target. */
    cooldown_s: z.number().min(0),
    /** Times at which nothing is applied; UTC, `to` before `from` runs over midnight. */
    freeze_windows: z.array(
      z.strictObject({
        name: z.string().min(1).max(100),
        days: z.array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])).min(1),
        from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
        to: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
        scope: z.string().max(400).optional(),
      }),
    ),
  }),
  /** What the configurator may change. Keys are dotted paths; `a.*` is everything below `a`, `*` everything. */
  config: z.strictObject({
    allow: z.array(z.string()),
    security_keys: z.array(z.string()),
    /** Whether keys of `security_keys` may be changed at all; they then need the approvals of class security. */
    security: z.boolean(),
    ttl_s: z.number().positive(),
  }),
  identity: z.strictObject({
    session_ttl_s: z.number().positive(),
    /** A new key signs only after another admin confirmed it. */
    confirm_keys: z.boolean(),
    oidc: z
      .strictObject({
        issuer: z.url(),
        client_id: z.string(),
        /** Name of the environment variable with the secret of a confidential client. */
        client_secret_env: z.string().optional(),
        scopes: z.array(z.string()).default(['openid', 'profile', 'email']),
        /** The claim whose values `roles` maps to ours; the highest wins. */
        role_claim: z.string().default('groups'),
        roles: z.record(z.string(), z.enum(['viewer', 'operator', 'admin'])).default({}),
        /** For somebody with none of them; without it such a login is refused. */
        default_role: z.enum(['viewer', 'operator', 'admin']).optional(),
      })
      .nullable(),
  }),
  security: z.strictObject({
    bind_address: z.string(),
    /** Callers on this machine may ask for a heal without a token: see docs/decisions. */
    local_heal: z.boolean(),
  }),
  logging: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']) }),
});
export type Profile = z.infer<typeof profileSchema>;

/** Canonical profile names and the other names by which users may call them. */
export const PROFILE_ALIASES: Readonly<Record<string, Profile['name']>> = {
  user: 'user',
  pro: 'pro',
  professional: 'pro',
  ent: 'enterprise-vip',
  enterprise: 'enterprise-vip',
  'enterprise-vip': 'enterprise-vip',
};
