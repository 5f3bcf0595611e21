import { profileSchema, type Profile } from '@holdfast/contracts';
import type { ConfigSource } from '@holdfast/sdk';
import * as z from 'zod';

const schema = z.strictObject({
  ...profileSchema.shape.gate.shape,
  max_open_changes: z.number().int().positive(),
  max_changes_per_hour: z.number().int().positive(),
  max_ai_changes_per_hour: z.number().int().positive(),
});

/** The settings of the gate, as the profile names them. Times in seconds. */
export type GovernanceConfig = z.infer<typeof schema>;

export const governanceConfig: ConfigSource<GovernanceConfig> = {
  schema,
  fromProfile: ({ gate, limits }: Profile) => ({
    ...gate,
    max_open_changes: limits.max_open_changes,
    max_changes_per_hour: limits.max_changes_per_hour,
    max_ai_changes_per_hour: limits.max_ai_changes_per_hour,
  }),
};
