import {
  CHANGE_KIND_TABLE,
  HoldfastError,
  infrastructureApi,
  modeKeeperApi,
  policyApi,
  type ChangeKind,
} from '@holdfast/contracts';
import type { GovernanceContext, LocalDriver, Parts } from './context.ts';
import { ownCall } from './context.ts';

/** A change driver as governance uses it: plan, verify and look. */
export type Owner = Pick<
  GovernanceContext['needs']['infrastructure'],
  'planChange' | 'verifyPlan' | 'observeChange'
>;

/** Planning and dry runs ask an installer, which may take as long as a step. */
export const OWNER_TIMEOUT_MS = 330_000;

/** The kernel that owns a kind. The undo of a change belongs to the owner of that change. Throws change_kind_unknown. */
export const ownerIdOf = (kind: ChangeKind): string => {
  const { owner } = CHANGE_KIND_TABLE[kind];
  if (owner === null) throw new HoldfastError('change_kind_unknown', { kind });
  return owner;
};

const inProcess = (context: GovernanceContext, driver: LocalDriver): Owner => ({
  planChange: (input) => driver.planChange(input, ownCall(context)),
  verifyPlan: (input) => driver.verifyPlan(input, ownCall(context)),
  observeChange: (input) => driver.observeChange(input, ownCall(context)),
});

/** The driver of changes of an owner on a target. Throws change_kind_unknown when there is none. */
export const ownerClient = (
  parts: Parts,
  owner: string,
  target: Readonly<Record<string, string>>,
): Owner => {
  const { context } = parts;
  if (owner === infrastructureApi.kernel) return context.needs.infrastructure;
  if (owner === policyApi.kernel) return context.needs.policy;
  if (owner === modeKeeperApi.kernel) return context.needs.tuning;
  const local = owner === context.id ? localDriverOf(parts, target) : undefined;
  if (local) return inProcess(context, local);
  throw new HoldfastError('change_kind_unknown', { kind: owner });
};

/** The driver of a target that this kernel owns itself. */
export const localDriverOf = (
  parts: Parts,
  target: Readonly<Record<string, string>>,
): LocalDriver | undefined => {
  const [key] = Object.keys(target);
  return key === undefined ? undefined : parts.localDriver(key);
};
