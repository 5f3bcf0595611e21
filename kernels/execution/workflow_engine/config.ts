import type { Profile } from '@holdfast/contracts';
import type { ConfigSource } from '@holdfast/sdk';
import * as z from 'zod';

const schema = z.strictObject({ max_parallel_steps: z.number().int().positive() });

/** How many steps of different runs may be under way at once. */
export type WorkflowConfig = z.infer<typeof schema>;

export const workflowConfig: ConfigSource<WorkflowConfig> = {
  schema,
  fromProfile: (profile: Profile) => ({ max_parallel_steps: profile.limits.max_parallel_steps }),
};
