import * as z from 'zod';
import { defineApi, op } from '../api.ts';
import { principalSchema } from '../records/principal.ts';

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
    whoAmI: op({
      method: 'GET',
      path: '/auth/whoami',
      summary: 'Whom the token that was sent belongs to',
      input: z.object({}),
      output: principalSchema,
      risk: 'read',
      role: 'viewer',
    }),
  },
});
