import type { Profile } from '@holdfast/contracts';
import type { KernelContext } from '@holdfast/sdk';
import * as z from 'zod';

/** Settings of the infrastructure kernel; times in seconds. */
export const infrastructureConfig = z.strictObject({
  scan_interval_s: z.number().positive(),
  heartbeat_interval_s: z.number().positive(),
  health_interval_s: z.number().positive(),
  offline_after_s: z.number().positive(),
  step_timeout_s: z.number().positive(),
  max_hosts: z.number().int().positive(),
});
export type InfrastructureConfig = z.infer<typeof infrastructureConfig>;

export const configFromProfile = (profile: Profile): InfrastructureConfig => ({
  ...profile.infrastructure,
  max_hosts: profile.limits.max_hosts,
});

export type InfrastructureContext = KernelContext<
  InfrastructureConfig,
  Readonly<Record<never, never>>
>;
