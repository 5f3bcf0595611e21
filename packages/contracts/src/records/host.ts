import * as z from 'zod';

export const OS_TYPES = ['windows', 'linux', 'macos', 'docker', 'kubernetes', 'unknown'] as const;
export const HOST_STATUSES = ['healthy', 'degraded', 'unhealthy', 'offline', 'unknown'] as const;

export const gpuSchema = z.object({
  index: z.number().int(),
  name: z.string(),
  memory_total_bytes: z.number().int(),
  driver_version: z.string().optional(),
  compute_capability: z.string().optional(),
});

export const diskSchema = z.object({
  mount: z.string(),
  filesystem: z.string(),
  total_bytes: z.number().int(),
  used_bytes: z.number().int(),
});

/** What an agent measured about its machine. Sizes in bytes. `gpus` is empty where there is none. */
export const hostFactsSchema = z.object({
  hostname: z.string().min(1).max(255),
  os_type: z.enum(OS_TYPES),
  os_name: z.string().max(200),
  os_version: z.string().max(200),
  kernel_version: z.string().max(200).optional(),
  architecture: z.string().max(50),
  ip_address: z.string().max(64).optional(),
  cpus: z.object({ count: z.number().int(), model: z.string() }),
  memory: z.object({ total_bytes: z.number().int() }),
  disks: z.array(diskSchema).max(500),
  gpus: z.array(gpuSchema).max(64),
  network_interfaces: z.array(z.string().max(100)).max(500),
});
export type HostFacts = z.infer<typeof hostFactsSchema>;

/** Live load, in percent; `load_average` over 1, 5 and 15 minutes. */
export const hostMetricsSchema = z.object({
  time: z.iso.datetime(),
  cpu_percent: z.number(),
  memory_percent: z.number(),
  disk_percent: z.number(),
  load_average: z.array(z.number()).length(3),
});
export type HostMetrics = z.infer<typeof hostMetricsSchema>;

/**
 * A machine. `id` is `<hostname>_<os_type>`; `aliases` are other names for it (`local` is the machine that runs the
 * stack). `facts` and `metrics` are null until an agent reported them.
 */
export const hostSchema = z.object({
  id: z.string(),
  hostname: z.string(),
  aliases: z.array(z.string()),
  os_type: z.enum(OS_TYPES),
  os_version: z.string(),
  architecture: z.string(),
  ip_address: z.string().nullable(),
  status: z.enum(HOST_STATUSES),
  status_reason: z.string(),
  agent: z.object({
    enrolled: z.boolean(),
    connected: z.boolean(),
    version: z.string().nullable(),
  }),
  facts: hostFactsSchema.nullable(),
  metrics: hostMetricsSchema.nullable(),
  capabilities: z.array(
    z.object({
      name: z.string(),
      available: z.boolean(),
      metadata: z.record(z.string(), z.unknown()),
    }),
  ),
  dependency_status: z.enum(['in_sync', 'drift_detected', 'updating', 'failed', 'unknown']),
  registered_at: z.iso.datetime(),
  last_seen: z.iso.datetime().nullable(),
});
export type Host = z.infer<typeof hostSchema>;

/** `<hostname>_<os>`, lower case, with anything but letters, digits, dot, dash and underscore replaced. */
export const hostIdOf = (hostname: string, osType: string): string =>
  `${hostname.toLowerCase().replace(/[^a-z0-9.-]/g, '-')}_${osType}`;
