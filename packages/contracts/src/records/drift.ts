import * as z from 'zod';
import { coverageSchema, packageManagerSchema } from './inventory.ts';

/** `actual` is the installed version or `not_installed`. */
export const driftEntrySchema = z.object({
  manager: packageManagerSchema,
  environment: z.string(),
  package: z.string(),
  expected: z.string(),
  actual: z.string(),
});
export type DriftEntry = z.infer<typeof driftEntrySchema>;

export const driftCoverageSchema = coverageSchema.extend({
  manager: packageManagerSchema,
  environment: z.string(),
  packages: z.number().int(),
});

/**
 * The difference between baseline and reality. `unknown` where coverage is missing or nothing was scanned yet;
 * `no_baseline` where nothing is declared. `fingerprint` is equal for equal entries.
 */
export const driftSchema = z.object({
  host: z.string(),
  status: z.enum(['in_sync', 'drift', 'unknown', 'no_baseline']),
  entries: z.array(driftEntrySchema),
  coverage: z.array(driftCoverageSchema),
  fingerprint: z.string(),
  baseline_revision: z.number().int().nullable(),
  scanned_at: z.iso.datetime().nullable(),
});
export type Drift = z.infer<typeof driftSchema>;

/** One row of the dependency status: a declared package and what is there. */
export const dependencySchema = z.object({
  host: z.string(),
  manager: packageManagerSchema,
  environment: z.string(),
  package: z.string(),
  expected: z.string(),
  actual: z.string(),
  status: z.enum(['in_sync', 'drift', 'unknown']),
});
