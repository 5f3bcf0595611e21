import { randomUUID } from 'node:crypto';
import type { FromChild, Principal, ToChild } from '@holdfast/contracts';
import { HoldfastError, isHoldfastError } from '@holdfast/contracts';
import type { GuardianLog } from './logs/guardian-log.ts';

export type GuardianHandler = (input: never, principal: Principal) => Promise<unknown>;
type Ask = Extract<FromChild, { type: 'ask' }>;

/** Answers what the gateway asks for its callers; a failure of ours is recorded and told by its number only. */
export const createAnswerer =
  (handlers: Readonly<Record<string, GuardianHandler>>, log: GuardianLog) =>
  async ({ id, op, input, principal }: Ask): Promise<ToChild> => {
    try {
      const handler = Object.hasOwn(handlers, op) ? handlers[op] : undefined;
      if (handler === undefined) throw new HoldfastError('not_found', { what: op });
      return { type: 'reply', id, ok: true, body: await handler(input as never, principal) };
    } catch (error) {
      if (isHoldfastError(error))
        return { type: 'reply', id, ok: false, problem: error.toProblem() };
      const error_id = randomUUID();
      const stack = error instanceof Error ? error.stack : String(error);
      log.error('answering failed', { op, error_id, error: stack });
      const problem = new HoldfastError('internal', { error_id }).toProblem();
      return { type: 'reply', id, ok: false, problem };
    }
  };
