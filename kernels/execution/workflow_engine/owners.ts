import { HoldfastError, type changeDriverOps } from '@holdfast/contracts';
import type { WorkflowContext } from './context.ts';

/** A change driver as the workflow engine uses it. */
export type Owner = Pick<
  WorkflowContext['needs']['infrastructure'],
  Extract<keyof typeof changeDriverOps, 'applyStep' | 'sampleSignals' | 'observeChange'>
>;

/** Throws change_kind_unknown when no kernel here owns such a plan. */
export const ownerClient = ({ needs }: WorkflowContext, owner: string, kind: string): Owner => {
  const owners: Readonly<Record<string, Owner>> = {
    infrastructure_manager: needs.infrastructure,
    governance: needs.governance,
    policy_engine: needs.policy,
    mode_keeper: needs.tuning,
  };
  const found = Object.hasOwn(owners, owner) ? owners[owner] : undefined;
  if (!found) throw new HoldfastError('change_kind_unknown', { kind });
  return found;
};
