import type { Op } from './api.ts';
import { hasRole, type Principal } from './records/principal.ts';

/** Whether a principal may call an operation. Kernels may call everything; `internal` is for them alone. */
export const mayCall = (principal: Principal | undefined, op: Pick<Op, 'role'>): boolean => {
  if (op.role === 'anyone') return true;
  if (principal === undefined) return false;
  if (principal.role === 'kernel') return true;
  return op.role !== 'internal' && hasRole(principal, op.role);
};
