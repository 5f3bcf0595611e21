import * as z from 'zod';

/** `idle`: started on demand; the guardian holds its socket, and the first connection starts it. */
export const KERNEL_STATES = [
  'not_installed',
  'not_started',
  'idle',
  'starting',
  'healthy',
  'unhealthy',
  'restarting',
  'failed',
  'stopping',
  'stopped',
] as const;
export type KernelState = (typeof KERNEL_STATES)[number];

export const healthCheckSchema = z.object({
  name: z.string(),
  ok: z.boolean(),
  detail: z.string(),
});

/** What `GET /health` of a kernel answers: computed at each call. 200 when ok, 503 when failing. */
export const kernelHealthSchema = z.object({
  status: z.enum(['ok', 'failing']),
  kernel: z.string(),
  version: z.string(),
  uptime_s: z.number(),
  checks: z.array(healthCheckSchema),
});
export type KernelHealth = z.infer<typeof kernelHealthSchema>;

/** One supervised process as the guardian sees it now. */
export const assignmentSchema = z.object({
  name: z.string(),
  port: z.number().int().nullable(),
  tier: z.string(),
  status: z.enum(KERNEL_STATES),
  reason: z.string(),
  pid: z.number().int().nullable(),
  started_at: z.iso.datetime().nullable(),
  last_check: z.iso.datetime().nullable(),
  failures: z.number().int(),
  restarts: z.number().int(),
  health_url: z.string().nullable(),
  metrics_url: z.string().nullable(),
});
export type Assignment = z.infer<typeof assignmentSchema>;

export const guardianStatusSchema = z.object({
  pid: z.number().int(),
  started_at: z.iso.datetime(),
  profile: z.string(),
  version: z.string(),
  state: z.enum(['starting', 'running', 'degraded', 'stopping']),
  check_interval_s: z.number(),
  kernels: z.array(assignmentSchema),
  processes: z.array(assignmentSchema),
});
export type GuardianStatus = z.infer<typeof guardianStatusSchema>;
