import * as z from 'zod';

export const PACKAGE_MANAGERS = ['pip', 'npm', 'apt'] as const;
export const packageManagerSchema = z.enum(PACKAGE_MANAGERS);
export type PackageManager = z.infer<typeof packageManagerSchema>;

/**
 * What a scan looked at. `complete`: everything was read; `partial`: some of it; `failed`: the tool broke;
 * `absent`: the manager is not on this machine. Anything but `complete` makes drift unknown, never clean.
 */
export const coverageSchema = z.object({
  status: z.enum(['complete', 'partial', 'failed', 'absent']),
  reason: z.string().max(2000).optional(),
  scanned: z.array(z.string().max(4096)).max(1000),
});
export type Coverage = z.infer<typeof coverageSchema>;

/**
 * The packages of one manager in one environment. `environment` is an absolute path (a venv, a node project) or
 * `system`. `markers` are the PEP 508 variables of a Python environment; `extras` maps a package to its
 * `Requires-Dist` lines that belong to an extra.
 */
export const inventorySchema = z.object({
  manager: packageManagerSchema,
  environment: z.string().min(1).max(4096),
  packages: z.record(z.string().max(300), z.string().max(300)),
  markers: z.record(z.string(), z.string()).optional(),
  extras: z.record(z.string(), z.array(z.string())).optional(),
  tool_version: z.string().max(200).optional(),
  coverage: coverageSchema,
  scanned_at: z.iso.datetime(),
});
export type Inventory = z.infer<typeof inventorySchema>;
