import type { ClassRule, Profile } from '@holdfast/contracts';

type Overrides = {
  readonly [K in keyof Profile]?: Profile[K] extends object ? Partial<Profile[K]> : Profile[K];
};

/** The rule of one class of plans: one approval at critical risk, no voters, no delay. */
export const classRule = (rule: Partial<ClassRule> = {}): ClassRule => ({
  approval_from_risk: 'critical',
  approvals: 1,
  quorum: 'none',
  min_voters: 0,
  delay_s: 0,
  ...rule,
});

const base: Profile = {
  name: 'user',
  description: 'profile of the in-process world',
  kernels: {},
  gateway: { processes: 1 },
  agent: { local: false },
  features: { seal: false, chatops: 'basic' },
  limits: {
    rate_limit_rps: 50,
    max_hosts: 1000,
    max_open_changes: 20,
    max_parallel_steps: 2,
    log_retention_days: 3,
    max_changes_per_hour: 1000,
    max_ai_changes_per_hour: 100,
  },
  guardian: {
    check_interval_s: 60,
    liveness_interval_ms: 1000,
    failure_threshold: 3,
    start_timeout_ms: 15_000,
    stop_timeout_ms: 5_000,
    restart_attempts: 3,
    restart_cooldown_s: 30,
    mttr_target_s: 120,
    warm_spare: false,
  },
  infrastructure: {
    scan_interval_s: 300,
    heartbeat_interval_s: 10,
    health_interval_s: 30,
    offline_after_s: 300,
    step_timeout_s: 300,
  },
  gate: {
    classes: {
      standard: classRule({ approval_from_risk: 'high' }),
      security: classRule({ approval_from_risk: 'high' }),
      covenant: classRule({ approval_from_risk: 'high' }),
    },
    change_ttl_s: 3600,
    baseline_s: 0,
    watch_s: 0,
    cooldown_s: 0,
    freeze_windows: [],
  },
  config: { allow: ['*'], security_keys: ['security.*', 'gate.*'], security: true, ttl_s: 900 },
  identity: { session_ttl_s: 3600, confirm_keys: false, oidc: null },
  librarian: { roots: [], max_file_bytes: 10_485_760, max_files: 20_000 },
  mode_keeper: {
    kubeconfig: null,
    kubectl: null,
    interval_s: 3600,
    window_s: 60,
    step_timeout_s: 60,
  },
  security: { bind_address: '127.0.0.1', local_heal: false },
  logging: { level: 'error' },
};

/** A whole profile; sections given here replace single keys of the default. */
export const testProfile = (overrides: Overrides = {}): Profile => {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(overrides)) {
    const before = result[key];
    result[key] =
      typeof value === 'object' && typeof before === 'object' ? { ...before, ...value } : value;
  }
  return result as Profile;
};
