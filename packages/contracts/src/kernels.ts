/**
 * The kernels of the product: wire id, short name (what `/health` answers), tier and port.
 * Source: the port table of the kernel port document; ids are irregular there and fixed here.
 * A row here does not mean that the kernel ships: `kernels/all.ts` lists those that do.
 */
export const KERNEL_TABLE = [
  { id: 'message_bus', name: 'message_bus', tier: 'core', port: 8100 },
  { id: 'immutable_log', name: 'immutable_log', tier: 'core', port: 8101 },
  { id: 'infrastructure_manager', name: 'infrastructure_manager', tier: 'core', port: 8102 },
  { id: 'memory_kernel', name: 'memory', tier: 'core', port: 8103 },
  { id: 'orchestrator', name: 'orchestrator', tier: 'core', port: 8104 },
  { id: 'ai_runtime', name: 'ai_runtime', tier: 'core', port: 8105 },
  { id: 'governance', name: 'governance', tier: 'governance', port: 8110 },
  { id: 'crypto_kernel', name: 'crypto', tier: 'governance', port: 8111 },
  { id: 'trust_framework', name: 'trust_framework', tier: 'governance', port: 8112 },
  { id: 'policy_engine', name: 'policy_engine', tier: 'governance', port: 8113 },
  { id: 'compliance_monitor', name: 'compliance_monitor', tier: 'governance', port: 8114 },
  { id: 'audit_trail', name: 'audit_trail', tier: 'governance', port: 8115 },
  { id: 'scheduler', name: 'scheduler', tier: 'execution', port: 8120 },
  { id: 'task_executor', name: 'task_executor', tier: 'execution', port: 8121 },
  { id: 'workflow_engine', name: 'workflow_engine', tier: 'execution', port: 8122 },
  { id: 'state_machine', name: 'state_machine', tier: 'execution', port: 8123 },
  { id: 'mode_keeper', name: 'mode_keeper', tier: 'execution', port: 8124 },
  { id: 'librarian_kernel', name: 'librarian', tier: 'agentic', port: 8130 },
  { id: 'self_healing_kernel', name: 'self_healing', tier: 'agentic', port: 8131 },
  { id: 'coding_agent_kernel', name: 'coding_agent', tier: 'agentic', port: 8132 },
  { id: 'learning_kernel', name: 'learning', tier: 'agentic', port: 8133 },
  { id: 'research_kernel', name: 'research', tier: 'agentic', port: 8134 },
  { id: 'telemetry_service', name: 'telemetry', tier: 'services', port: 8140 },
  { id: 'metrics_aggregator', name: 'metrics_aggregator', tier: 'services', port: 8141 },
  { id: 'alert_service', name: 'alert', tier: 'services', port: 8142 },
] as const;

export type KernelId = (typeof KERNEL_TABLE)[number]['id'];
export type KernelTier = (typeof KERNEL_TABLE)[number]['tier'];
export type KernelRow = (typeof KERNEL_TABLE)[number];

/** The one public door. */
export const GATEWAY_PORT = 8000;

export const KERNEL_IDS = KERNEL_TABLE.map((row) => row.id) as readonly KernelId[];

export const isKernelId = (value: string): value is KernelId =>
  (KERNEL_IDS as readonly string[]).includes(value);

export const kernelRow = (id: KernelId): KernelRow => KERNEL_TABLE.find((row) => row.id === id)!;

/** Live addresses: kernel id to the TCP port it answers on now. Never assume the table's port. */
export type PortMap = Partial<Record<KernelId, number>>;
