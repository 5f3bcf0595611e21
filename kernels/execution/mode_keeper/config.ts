import { governanceApi, profileSchema, type Profile } from '@holdfast/contracts';
import type { ConfigSource, KernelContext } from '@holdfast/sdk';
import * as z from 'zod';

const schema = z.strictObject(profileSchema.shape.mode_keeper.shape);

/** Where the cluster is, and how workloads are watched. Times in seconds. */
export type ModeKeeperConfig = z.infer<typeof schema>;

export const modeKeeperConfig: ConfigSource<ModeKeeperConfig> = {
  schema,
  fromProfile: ({ mode_keeper }: Profile) => mode_keeper,
};

export const modeKeeperNeeds = { governance: governanceApi };
export type ModeKeeperContext = KernelContext<ModeKeeperConfig, typeof modeKeeperNeeds>;

/** The actor of what the kernel does by itself. */
export const SELF = 'kernel:mode_keeper';
