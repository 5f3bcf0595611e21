import { randomUUID } from 'node:crypto';
import type { FromChild, Op, Principal, ProcessName, ToChild } from '@holdfast/contracts';
import {
  HoldfastError,
  guardianApi,
  isHoldfastError,
  kernelPrincipal,
  mayCall,
  whyNot,
} from '@holdfast/contracts';
import type { GuardianLog } from './logs/guardian-log.ts';

export type GuardianHandler = (input: never, principal: Principal) => Promise<unknown>;
type Ask = Extract<FromChild, { type: 'ask' }>;

const OPS: Readonly<Record<string, Op>> = guardianApi.ops;

/** The gateway speaks for its callers, every other process for itself: who that is, is known by the channel. */
const principalOf = (asker: ProcessName, claimed: Principal): Principal => {
  if (!asker.startsWith('gateway')) return kernelPrincipal(asker);
  return claimed.role === 'kernel' ? kernelPrincipal('gateway') : claimed;
};

/** What a kernel may ask for itself: reads, and internal operations that name it. */
const authoriseKernel = (name: string, principal: Principal): Op => {
  const op = Object.hasOwn(OPS, name) ? OPS[name] : undefined;
  if (op === undefined) throw new HoldfastError('not_found', { what: name });
  const target = { kernel: 'guardian', name, op } as const;
  if ((op.role === 'internal' || op.risk === 'read') && mayCall(principal, target)) return op;
  throw new HoldfastError('forbidden', { detail: whyNot(principal, target) });
};

/** Internal operations are for kernels: no caller of the gateway reaches them. */
const authoriseCaller = (name: string, principal: Principal): void => {
  const op = Object.hasOwn(OPS, name) ? OPS[name] : undefined;
  if (op?.role !== 'internal') return;
  const target = { kernel: 'guardian', name, op } as const;
  if (!mayCall(principal, target))
    throw new HoldfastError('forbidden', { detail: whyNot(principal, target) });
};

const parse = (op: Op, input: unknown): unknown => {
  const parsed = op.input.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const detail = `${issue?.path.join('.')}: ${issue?.message.toLowerCase()}`;
  throw new HoldfastError('invalid_input', { detail });
};

/**
 * Answers what the gateway asks for its callers, and kernels for themselves; a failure of ours is recorded and told by
 * its number only. Input of the gateway was checked there, that of a kernel is checked here.
 */
export const createAnswerer = (
  handlers: Readonly<Record<string, GuardianHandler>>,
  log: GuardianLog,
) => {
  const answer = (asker: ProcessName, { op: name, input, principal: claimed }: Ask) => {
    const principal = principalOf(asker, claimed);
    const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined;
    if (handler === undefined) throw new HoldfastError('not_found', { what: name });
    if (asker.startsWith('gateway')) {
      authoriseCaller(name, principal);
      return handler(input as never, principal);
    }
    return handler(parse(authoriseKernel(name, principal), input) as never, principal);
  };

  return (asker: ProcessName) =>
    async (question: Ask): Promise<ToChild> => {
      const { id } = question;
      try {
        return { type: 'reply', id, ok: true, body: await answer(asker, question) };
      } catch (error) {
        if (isHoldfastError(error))
          return { type: 'reply', id, ok: false, problem: error.toProblem() };
        const error_id = randomUUID();
        const stack = error instanceof Error ? error.stack : String(error);
        log.error('answering failed', { op: question.op, error_id, error: stack });
        const problem = new HoldfastError('internal', { error_id }).toProblem();
        return { type: 'reply', id, ok: false, problem };
      }
    };
};
