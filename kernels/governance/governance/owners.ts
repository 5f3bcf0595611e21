import { HoldfastError, infrastructureApi, type ChangeKind } from '@holdfast/contracts';
import type { GovernanceContext } from './context.ts';

/** A change driver as governance uses it: plan, verify and look. */
export type Owner = Pick<
  GovernanceContext['needs']['infrastructure'],
  'planChange' | 'verifyPlan' | 'observeChange'
>;

/** The kernel that owns each kind of change; the undo of a change belongs to the owner of that change. */
const OWNER_OF: Readonly<Partial<Record<ChangeKind, string>>> = {
  'packages.repair': infrastructureApi.kernel,
  'packages.update': infrastructureApi.kernel,
};

/** Planning and dry runs ask an installer, which may take as long as a step. */
export const OWNER_TIMEOUT_MS = 330_000;

/** Throws change_kind_unknown. */
export const ownerIdOf = (kind: ChangeKind): string => {
  const owner = OWNER_OF[kind];
  if (owner === undefined) throw new HoldfastError('change_kind_unknown', { kind });
  return owner;
};

/** Throws change_kind_unknown when the owner that a plan names is not one of ours. */
export const ownerClient = (context: GovernanceContext, owner: string): Owner => {
  if (owner === infrastructureApi.kernel) return context.needs.infrastructure;
  throw new HoldfastError('change_kind_unknown', { kind: owner });
};
