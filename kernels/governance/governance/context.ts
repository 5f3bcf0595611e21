import { infrastructureApi, logApi, workflowApi } from '@holdfast/contracts';
import type { Idempotency, KernelContext } from '@holdfast/sdk';
import type { ChangeStore } from './change-store.ts';
import type { GovernanceConfig } from './config.ts';
import type { KillSwitch } from './kill-switch.ts';

export const governanceNeeds = {
  infrastructure: infrastructureApi,
  workflow: workflowApi,
  ledger: logApi,
};
export type GovernanceContext = KernelContext<GovernanceConfig, typeof governanceNeeds>;

/** What the parts of this kernel share. */
export interface Parts {
  readonly context: GovernanceContext;
  readonly changes: ChangeStore;
  readonly killSwitch: KillSwitch;
  readonly idempotency: Idempotency;
  /** Makes the engine look at a change now. */
  kick(change: string): void;
}
