import { HoldfastError } from '@holdfast/contracts';
import * as z from 'zod';

const base_revision = z.string().max(200).optional();

/** What somebody wants of the settings: some values, or another profile. */
export const settingsIntentSchema = z.union([
  z.strictObject({ patch: z.record(z.string(), z.unknown()), base_revision }),
  z.strictObject({ profile: z.string().min(1).max(100), base_revision }),
]);
export type SettingsIntent = z.infer<typeof settingsIntentSchema>;

/** Throws config_patch_invalid. */
export const readIntent = (intent: unknown): SettingsIntent => {
  const parsed = settingsIntentSchema.safeParse(intent);
  if (parsed.success) return parsed.data;
  const detail = 'the intent has to be `{ patch }` or `{ profile }`';
  throw new HoldfastError('config_patch_invalid', { detail });
};

/** What a step of the settings does: from one revision to another, and from no other one. */
export const putParamsSchema = z.strictObject({
  profile: z.string(),
  overrides: z.record(z.string(), z.unknown()),
  from: z.string(),
  to: z.string(),
});
export type PutParams = z.infer<typeof putParamsSchema>;
