import { HoldfastError, infrastructureApi } from '@holdfast/contracts';
import type { WorkflowContext } from './context.ts';

/** A change driver as the workflow engine uses it. */
export type Owner = Pick<WorkflowContext['needs']['infrastructure'], 'applyStep' | 'observeChange'>;

/** Throws change_kind_unknown when no kernel here owns such a plan. */
export const ownerClient = (context: WorkflowContext, owner: string, kind: string): Owner => {
  if (owner === infrastructureApi.kernel) return context.needs.infrastructure;
  throw new HoldfastError('change_kind_unknown', { kind });
};
