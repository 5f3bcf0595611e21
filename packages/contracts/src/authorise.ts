import type { Op } from './api.ts';
import type { KernelId } from './kernels.ts';
import { hasRole, type Principal } from './records/principal.ts';

/** An operation with its place: what a scope may name. */
export interface ScopedOp {
  readonly kernel: KernelId | 'gateway' | 'guardian';
  readonly name: string;
  readonly op: Pick<Op, 'role' | 'risk' | 'callers'>;
}

/**
 * A scope of a token: `*` (all that its role may), `read` (all that changes nothing), `<kernel>:*`, `<kernel>:read` or
 * `op:<operation>`. What the gateway says about the token itself takes none.
 */
const covers = (scope: string, { kernel, name, op }: ScopedOp): boolean =>
  kernel === 'gateway' ||
  scope === '*' ||
  (scope === 'read' && op.risk === 'read') ||
  scope === `${kernel}:*` ||
  (scope === `${kernel}:read` && op.risk === 'read') ||
  scope === `op:${name}`;

const mayCallAsKernel = ({ id }: Principal, { callers }: ScopedOp['op']): boolean =>
  callers === undefined || callers.some((caller) => id === `kernel:${caller}`);

/**
 * Whether a principal may call an operation: by its role, by the scopes of its token when it has some, and for
 * internal operations by being a kernel that they name. What names callers takes no other kernel.
 */
export const mayCall = (principal: Principal | undefined, target: ScopedOp): boolean => {
  const { op } = target;
  if (op.role === 'anyone') return true;
  if (principal === undefined) return false;
  if (principal.role === 'kernel') return mayCallAsKernel(principal, op);
  if (op.role === 'internal' || !hasRole(principal, op.role)) return false;
  return principal.scopes?.some((scope) => covers(scope, target)) ?? true;
};

/** Why `mayCall` said no, in words. */
export const whyNot = (principal: Principal | undefined, target: ScopedOp): string => {
  const { op } = target;
  if (principal === undefined) return 'nobody in particular may not call this';
  if (principal.role === 'kernel')
    return `${principal.id} may not call this; it takes ${(op.callers ?? []).join(', ')}`;
  if (op.role === 'internal' || op.role === 'anyone' || !hasRole(principal, op.role))
    return `role ${principal.role} may not call this; it takes ${op.role}`;
  return 'the scopes of the token do not cover this';
};
