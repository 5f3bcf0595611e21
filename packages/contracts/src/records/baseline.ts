import * as z from 'zod';
import { packageManagerSchema } from './inventory.ts';

/** One declared package. `expected` is the specifier as its ecosystem writes it (`==2.31.0`, `^1.3.0`, `1.2.3`). */
export const baselineEntrySchema = z.object({
  manager: packageManagerSchema,
  environment: z.string(),
  package: z.string(),
  expected: z.string(),
  extras: z.array(z.string()).optional(),
  marker: z.string().optional(),
  locked: z.string().optional(),
  /** Its absence is no drift (npm `optionalDependencies`). */
  optional: z.boolean().optional(),
  hashes: z.array(z.string()).optional(),
  source: z.string(),
});
export type BaselineEntry = z.infer<typeof baselineEntrySchema>;

/** A manifest line that a baseline cannot pin (a URL, a VCS or a local path): shown, never guessed at. */
export const unmanagedSchema = z.object({
  file: z.string(),
  line: z.number().int(),
  text: z.string(),
  reason: z.string(),
});

/** A target environment: an absolute path on the host and the managers that found a home in it. */
export const environmentSchema = z.object({
  path: z.string(),
  managers: z.array(packageManagerSchema),
  interpreter: z.string().optional(),
});
export type Environment = z.infer<typeof environmentSchema>;

/** The declared desired packages of a host. `revision` counts up; `options` are install options of the manifest. */
export const baselineSchema = z.object({
  host: z.string(),
  revision: z.number().int(),
  digest: z.string(),
  environments: z.array(environmentSchema),
  entries: z.array(baselineEntrySchema),
  unmanaged: z.array(unmanagedSchema),
  options: z.array(z.string()),
  set_by: z.string(),
  /** Id of the token that it was set with, never the token. */
  set_with: z.string().optional(),
  set_at: z.iso.datetime(),
});
export type Baseline = z.infer<typeof baselineSchema>;

/** Manifest texts by relative file name, as read by the caller. */
export const manifestFilesSchema = z.record(z.string().max(400), z.string().max(900_000));
