import * as z from 'zod';
import { environmentSchema } from './records/baseline.ts';
import { hostFactsSchema, hostMetricsSchema } from './records/host.ts';
import { inventorySchema, packageManagerSchema } from './records/inventory.ts';
import { stepActionSchema, stepResultSchema } from './records/plan.ts';

/**
 * Messages between an agent and the infrastructure kernel over one outbound WebSocket (JSON text frames).
 * Handshake: server `challenge`, agent `hello` with an Ed25519 signature over `holdfast-agent:<host>:<nonce>`,
 * server `welcome`. Tasks are at-least-once; a task id is carried out once, its result is sent until it is
 * acknowledged.
 */
export const AGENT_PATH = '/api/infrastructure/agents/connect';
export const AGENT_PROTOCOL = 1;

export const agentSignatureText = (host: string, nonce: string): string =>
  `holdfast-agent:${host}:${nonce}`;

/** What an agent can be asked to do. */
export const agentTaskSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('probe_environment'), path: z.string() }),
  z.object({
    type: z.literal('scan'),
    environments: z.array(environmentSchema),
    managers: z.array(packageManagerSchema).optional(),
  }),
  z.object({
    type: z.literal('resolve'),
    manager: packageManagerSchema,
    environment: z.string(),
    requirements: z.array(z.string()),
    options: z.array(z.string()),
  }),
  z.object({ type: z.literal('verify_step'), step_key: z.string(), action: stepActionSchema }),
  z.object({
    type: z.literal('apply_step'),
    step_key: z.string(),
    action: stepActionSchema,
    timeout_ms: z.number().int(),
  }),
]);
export type AgentTask = z.infer<typeof agentTaskSchema>;

export const probeResultSchema = z.object({
  path: z.string(),
  isolated: z.boolean(),
  managers: z.array(packageManagerSchema),
  interpreter: z.string().optional(),
  detail: z.string(),
});

/** Concrete versions that an installer would put in place for some requirements, with what is there now. */
export const resolveResultSchema = z.object({
  operations: z.array(
    z.object({
      package: z.string(),
      from: z.string().nullable(),
      to: z.string().nullable(),
      requested: z.boolean(),
    }),
  ),
});

/** `result` holds the record that belongs to the task type, or `error` says why there is none. */
export const taskResultSchema = z.object({
  task_id: z.string(),
  ok: z.boolean(),
  error: z.object({ code: z.string(), detail: z.string().max(4000) }).optional(),
  probe: probeResultSchema.optional(),
  inventories: z.array(inventorySchema).optional(),
  resolve: resolveResultSchema.optional(),
  step: stepResultSchema.optional(),
});
export type TaskResult = z.infer<typeof taskResultSchema>;

export const fromAgentSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    protocol: z.number().int(),
    host: z.string(),
    version: z.string(),
    signature: z.string(),
  }),
  z.object({ type: z.literal('facts'), facts: hostFactsSchema }),
  z.object({ type: z.literal('heartbeat'), seq: z.number().int(), metrics: hostMetricsSchema }),
  z.object({ type: z.literal('result'), result: taskResultSchema }),
]);
export type FromAgent = z.infer<typeof fromAgentSchema>;

export const toAgentSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('challenge'), nonce: z.string() }),
  z.object({ type: z.literal('welcome'), host: z.string(), heartbeat_interval_s: z.number() }),
  z.object({ type: z.literal('refused'), code: z.string(), detail: z.string() }),
  z.object({ type: z.literal('task'), task_id: z.string(), task: agentTaskSchema }),
  z.object({ type: z.literal('result_ack'), task_id: z.string() }),
]);
export type ToAgent = z.infer<typeof toAgentSchema>;
