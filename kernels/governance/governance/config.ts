import { riskSchema, type Profile } from '@holdfast/contracts';
import type { ConfigSource } from '@holdfast/sdk';
import * as z from 'zod';

const schema = z.strictObject({
  approval_from_risk: riskSchema,
  approvals_needed: z.number().int().min(1),
  change_ttl_s: z.number().positive(),
  watch_s: z.number().min(0),
  max_open_changes: z.number().int().positive(),
});

/** The settings of the gate. Times in seconds. */
export type GovernanceConfig = z.infer<typeof schema>;

export const governanceConfig: ConfigSource<GovernanceConfig> = {
  schema,
  fromProfile: (profile: Profile) => ({
    ...profile.gate,
    max_open_changes: profile.limits.max_open_changes,
  }),
};
