import type { Profile } from '@holdfast/contracts';
import { governanceApi, infrastructureApi } from '@holdfast/contracts';
import type { KernelContext } from '@holdfast/sdk';
import * as z from 'zod';

/** Whose defaults are loaded at first, and how often hosts are held against their limits. */
export const policyConfig = z.strictObject({
  profile: z.enum(['base', 'user', 'pro', 'enterprise-vip']),
  limits_interval_s: z.number().positive(),
});
export type PolicyConfig = z.infer<typeof policyConfig>;

export const configFromProfile = (profile: Profile): PolicyConfig => ({
  profile: profile.name,
  limits_interval_s: profile.infrastructure.health_interval_s,
});

export const policyNeeds = { governance: governanceApi, infrastructure: infrastructureApi };
export type PolicyContext = KernelContext<PolicyConfig, typeof policyNeeds>;

/** The actor of what the kernel does by itself. */
export const SELF = 'kernel:policy_engine';
