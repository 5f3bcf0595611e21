import type { Profile } from '@holdfast/contracts';
import { testProfile } from '@holdfast/testkit';

/** A profile in which every kernel that the tests play is wanted; health is asked for afresh each time. */
export const fixtureProfile = (limits: Partial<Profile['limits']> = {}): Profile =>
  testProfile({
    kernels: {
      message_bus: { enabled: true },
      immutable_log: { enabled: true },
      infrastructure_manager: { enabled: true },
      governance: { enabled: true },
      workflow_engine: { enabled: false },
    },
    limits: { rate_limit_rps: 10_000, ...limits },
    guardian: { liveness_interval_ms: 1 },
    logging: { level: 'info' },
  });
