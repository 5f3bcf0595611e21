import * as z from 'zod';
import { defineApi, op } from '../api.ts';
import { assignmentSchema, guardianStatusSchema } from '../records/kernel-status.ts';

/** What the gateway answers by itself. */
export const gatewayApi = defineApi({
  kernel: 'gateway',
  ops: {
    getHealth: op({
      method: 'GET',
      path: '/health',
      summary:
        'Whether the stack is whole, and which kernels are not healthy; 200 also when degraded',
      input: z.object({}),
      output: z.object({
        status: z.enum(['ok', 'degraded']),
        profile: z.string(),
        version: z.string(),
        uptime_s: z.number(),
        failed_components: z.array(z.string()),
      }),
      risk: 'read',
      role: 'anyone',
    }),
    getHealthz: op({
      method: 'GET',
      path: '/healthz',
      summary: 'Gateway liveness and the SEAL flag of the profile',
      input: z.object({}),
      output: z.object({
        ok: z.boolean(),
        seal: z.boolean(),
        profile: z.string(),
        degraded: z.array(z.string()),
      }),
      risk: 'read',
      role: 'anyone',
    }),
    getOpenapi: op({
      method: 'GET',
      path: '/openapi.json',
      summary: 'This interface as OpenAPI 3.1',
      input: z.object({}),
      output: z.record(z.string(), z.unknown()),
      risk: 'read',
      role: 'anyone',
    }),
    getAssignments: op({
      method: 'GET',
      path: '/kernel-ports/assignments',
      summary: 'Every kernel with its live port, pid and state',
      input: z.object({ tier: z.string().max(50).optional() }),
      output: z.object({
        total: z.number().int(),
        tier_filter: z.string().nullable(),
        assignments: z.array(assignmentSchema),
      }),
      risk: 'read',
      role: 'viewer',
    }),
    getGuardianStatus: op({
      method: 'GET',
      path: '/guardian/status',
      summary: 'The guardian and everything that it supervises',
      input: z.object({}),
      output: guardianStatusSchema,
      risk: 'read',
      role: 'viewer',
    }),
    stopStack: op({
      method: 'POST',
      path: '/guardian/stop',
      summary: 'Stops the stack in order',
      input: z.strictObject({}),
      output: z.object({ stopping: z.boolean() }),
      risk: 'change',
      role: 'admin',
      status: 202,
    }),
  },
});
