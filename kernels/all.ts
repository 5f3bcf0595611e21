import type { KernelDefinition } from '@holdfast/sdk';
import { librarianKernel } from './agentic/librarian_kernel/kernel.ts';
import { immutableLog } from './core/immutable_log/kernel.ts';
import { infrastructureManager } from './core/infrastructure_manager/kernel.ts';
import { messageBus } from './core/message_bus/kernel.ts';
import { modeKeeper } from './execution/mode_keeper/kernel.ts';
import { workflowEngine } from './execution/workflow_engine/kernel.ts';
import { governance } from './governance/governance/kernel.ts';
import { policyEngine } from './governance/policy_engine/kernel.ts';

/** Every kernel that ships, in port order. A kernel that is not here does not exist. */
export const allKernels: readonly KernelDefinition[] = [
  messageBus,
  immutableLog,
  infrastructureManager,
  governance,
  policyEngine,
  workflowEngine,
  modeKeeper,
  librarianKernel,
];
