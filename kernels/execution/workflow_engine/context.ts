import {
  governanceApi,
  infrastructureApi,
  logApi,
  modeKeeperApi,
  policyApi,
} from '@holdfast/contracts';
import type { KernelContext, LedgerKey } from '@holdfast/sdk';
import type { ClearancesAhead } from './clearances-ahead.ts';
import type { WorkflowConfig } from './config.ts';
import type { Leases } from './leases.ts';
import type { RunStore } from './run-store.ts';
import type { Slots } from './slots.ts';

export const workflowNeeds = {
  governance: governanceApi,
  infrastructure: infrastructureApi,
  policy: policyApi,
  tuning: modeKeeperApi,
  ledger: logApi,
};
export type WorkflowContext = KernelContext<WorkflowConfig, typeof workflowNeeds>;

/** What the parts of this kernel share. */
export interface Parts {
  readonly context: WorkflowContext;
  readonly runs: RunStore;
  readonly leases: Leases;
  readonly slots: Slots;
  readonly clearances: ClearancesAhead;
  /** By which the ledger's receipts are known. */
  readonly ledgerKey: LedgerKey;
}
