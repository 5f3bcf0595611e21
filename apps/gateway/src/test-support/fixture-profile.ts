import type { Profile } from '@holdfast/contracts';
import { testProfile } from '@holdfast/testkit';

const wanted = { enabled: true, activation: 'always', idle_s: 300 } as const;

export interface FixtureProfileOptions {
  readonly limits?: Partial<Profile['limits']>;
  readonly localHeal?: boolean;
  /** How long the guardian's view is good for; health is asked for afresh each time unless told. */
  readonly livenessMs?: number;
}

/** A profile in which every kernel that the tests play is wanted. */
export const fixtureProfile = (options: FixtureProfileOptions = {}): Profile =>
  testProfile({
    kernels: {
      message_bus: wanted,
      immutable_log: wanted,
      infrastructure_manager: wanted,
      governance: wanted,
      workflow_engine: { ...wanted, enabled: false },
    },
    gateway: { processes: 1 },
    limits: { rate_limit_rps: 10_000, ...options.limits },
    guardian: { liveness_interval_ms: options.livenessMs ?? 1 },
    security: { bind_address: '127.0.0.1', local_heal: options.localHeal === true },
    logging: { level: 'info' },
  });
