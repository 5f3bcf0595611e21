import { HoldfastError, mayCall, whyNot, type Principal, type ScopedOp } from '@holdfast/contracts';
import { anonymous } from '../http/internal-auth.ts';
import { parseInput } from '../http/op-input.ts';
import type { Call, StreamItem } from './define-kernel.ts';
import type { KernelHost } from './kernel-host.ts';

type AnyHandler = (input: unknown, call: Call) => Promise<unknown> | AsyncIterable<StreamItem>;

/** Refuses with unauthenticated or forbidden unless the principal may call the operation. */
export const authorise = (target: ScopedOp, principal: Principal | undefined): Principal => {
  if (mayCall(principal, target)) return principal ?? anonymous;
  if (principal === undefined) throw new HoldfastError('unauthenticated');
  throw new HoldfastError('forbidden', { detail: whyNot(principal, target) });
};

export const handlerOf = (host: KernelHost, name: string): AnyHandler =>
  (host.instance.handlers as Record<string, AnyHandler>)[name]!.bind(host.instance.handlers);

/** Calls an operation within the process, with the same checks as over HTTP. */
export const dispatch = async (
  host: KernelHost,
  name: string,
  input: unknown,
  call: Call,
): Promise<unknown> => {
  const op = host.definition.api.ops[name]!;
  authorise({ kernel: host.definition.id, name, op }, call.principal);
  return handlerOf(host, name)(parseInput(op, input), call);
};
