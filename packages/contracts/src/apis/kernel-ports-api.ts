import * as z from 'zod';
import { defineApi, op } from '../api.ts';
import { assignmentSchema } from '../records/kernel-status.ts';

const queryFlag = z
  .enum(['true', 'false', '1', '0'])
  .default('false')
  .transform((text) => text === 'true' || text === '1');

const counts = {
  healthy: z.number().int(),
  unhealthy: z.number().int(),
  not_started: z.number().int(),
};
const idle = z.number().int();

const measuredAssignment = z.object({
  name: z.string(),
  port: z.number().int().nullable(),
  tier: z.string(),
  status: z.string(),
  failures: z.number().int(),
  restarts: z.number().int(),
  uptime_s: z.number().nullable(),
  /** Requests that the running process has answered; null when it does not answer now. */
  requests: z.number().int().nullable(),
  type: z.enum(['kernel', 'api']),
});

const name = z.object({ name: z.string().min(1).max(100) });

/**
 * The port map, as the guardian has it now. Only kernels are components: API routes are no processes, so the lists of
 * APIs are empty and `include_apis` adds nothing. Names may be given short (`librarian`); answers hold the exact id.
 */
export const kernelPortsApi = defineApi({
  kernel: 'guardian',
  ops: {
    getAssignments: op({
      method: 'GET',
      path: '/kernel-ports/assignments',
      summary: 'Every kernel with its live port, pid and state, by port',
      input: z.object({ tier: z.string().max(50).optional(), include_apis: queryFlag }),
      output: z.object({
        total: z.number().int(),
        tier_filter: z.string().nullable(),
        includes_apis: z.boolean(),
        assignments: z.array(assignmentSchema),
      }),
      risk: 'read',
      role: 'viewer',
      errors: ['tier_unknown'],
    }),
    getPortMap: op({
      method: 'GET',
      path: '/kernel-ports/port-map',
      summary: 'Where each kernel answers now',
      input: z.object({}),
      output: z.object({
        kernels: z.record(z.string(), z.number().int()),
        apis: z.record(z.string(), z.number().int()),
      }),
      risk: 'read',
      role: 'viewer',
    }),
    getPort: op({
      method: 'GET',
      path: '/kernel-ports/port/{name}',
      summary: 'One kernel with its live port, pid and state',
      input: name,
      output: assignmentSchema,
      risk: 'read',
      role: 'viewer',
      errors: ['component_unknown'],
    }),
    checkKernels: op({
      method: 'GET',
      path: '/kernel-ports/health-check',
      summary: 'Asks every running kernel for its health now and counts the answers',
      input: z.object({ include_apis: queryFlag }),
      output: z.object({
        total_components: z.number().int(),
        total_kernels: z.number().int(),
        total_apis: z.number().int(),
        ...counts,
        idle,
        not_installed: z.number().int(),
        by_tier: z.record(z.string(), z.object({ ...counts, idle })),
        failed_components: z.array(z.string()),
      }),
      risk: 'read',
      role: 'viewer',
      answerMs: 10_000,
    }),
    getTier: op({
      method: 'GET',
      path: '/kernel-ports/by-tier/{tier}',
      summary: 'The kernels of one tier',
      input: z.object({ tier: z.string().min(1).max(50) }),
      output: z.object({
        tier: z.string(),
        count: z.number().int(),
        assignments: z.array(
          assignmentSchema.pick({ name: true, port: true, status: true, health_url: true }),
        ),
      }),
      risk: 'read',
      role: 'viewer',
      errors: ['tier_unknown'],
    }),
    resetFailures: op({
      method: 'POST',
      path: '/kernel-ports/reset-failures/{name}',
      summary: 'Forgets the failures of a kernel, so that automatic restarts begin anew',
      input: name,
      output: z.object({ status: z.literal('success'), message: z.string() }),
      risk: 'change',
      role: 'operator',
      errors: ['component_unknown'],
    }),
    getPortMetrics: op({
      method: 'GET',
      path: '/kernel-ports/metrics',
      summary: 'Counts of kernels, their port ranges, and uptime, requests and restarts of each',
      input: z.object({}),
      output: z.object({
        total_kernels: z.number().int(),
        total_apis: z.number().int(),
        total_components: z.number().int(),
        kernel_port_range: z.string(),
        api_port_range: z.string(),
        assignments: z.array(measuredAssignment),
      }),
      risk: 'read',
      role: 'viewer',
    }),
    getPortStatus: op({
      method: 'GET',
      path: '/kernel-ports/status',
      summary: 'The port map in one word and a few counts',
      input: z.object({}),
      output: z.object({
        overall_health: z.enum(['healthy', 'degraded', 'starting', 'stopping']),
        port_allocation: z.object({ kernels: z.string(), apis: z.string() }),
        summary: z.object({
          total_kernels: z.number().int(),
          total_apis: z.number().int(),
          total_components: z.number().int(),
          ...counts,
          idle,
        }),
      }),
      risk: 'read',
      role: 'viewer',
    }),
  },
});
