import {
  guardianApi,
  infrastructureApi,
  logApi,
  modeKeeperApi,
  policyApi,
  workflowApi,
  type changeDriverOps,
} from '@holdfast/contracts';
import type { Call, Handler, Idempotency, KernelContext, LedgerKey } from '@holdfast/sdk';
import type { ChangeRecord } from './change-record.ts';
import type { ChangeStore } from './change-store.ts';
import type { GovernanceConfig } from './config.ts';
import type { KillSwitch } from './freezes/kill-switch.ts';
import type { ScopedFreezes } from './freezes/scoped-freezes.ts';
import type { Hosts } from './hosts.ts';
import type { Identity } from './identity/identity.ts';
import type { Quorums } from './quorum/quorums.ts';
import type { TripwireCases } from './tripwires/tripwire-cases.ts';

export const governanceNeeds = {
  infrastructure: infrastructureApi,
  workflow: workflowApi,
  ledger: logApi,
  policy: policyApi,
  tuning: modeKeeperApi,
  guardian: guardianApi,
};
export type GovernanceContext = KernelContext<GovernanceConfig, typeof governanceNeeds>;

type DriverOps = typeof changeDriverOps;

/** The change driver of a kind that this kernel owns itself; the same shape as over HTTP. */
export type LocalDriver = { readonly [K in keyof DriverOps]: Handler<DriverOps[K]> };

/** What the parts of this kernel share. */
export interface Parts {
  readonly context: GovernanceContext;
  readonly changes: ChangeStore;
  readonly hosts: Hosts;
  readonly killSwitch: KillSwitch;
  readonly freezes: ScopedFreezes;
  readonly quorums: Quorums;
  readonly cases: TripwireCases;
  readonly identity: Identity;
  readonly idempotency: Idempotency;
  /** By which the ledger's receipts are known. */
  readonly ledgerKey: LedgerKey;
  /** Drivers of the kinds that are owned here, by the key of their target: `config`, `quorum`. */
  localDriver(key: string): LocalDriver | undefined;
  /** Makes the engine look at a change now. */
  kick(change: string): void;
  /** Calls a listener after every durable step of a change. */
  onChanged(listener: (record: ChangeRecord) => void): void;
}

/** The call of this kernel to one of its own drivers. */
export const ownCall = ({ signal }: GovernanceContext): Call => ({
  principal: { id: 'kernel:governance', kind: 'kernel', role: 'kernel' },
  signal,
});
