import { HoldfastError, type FromChild, type Principal, type ToChild } from '@holdfast/contracts';
import type { GuardianLink } from './guardian-link.ts';

type Ask = Extract<FromChild, { type: 'ask' }>;
type Reply = Extract<ToChild, { type: 'reply' }>;

/** A question that no guardian was there for is not asked much later: its asker has given up by then. */
const UNSENT_MS = 2_000;

interface Waiting {
  readonly message: Ask;
  /** Not sent yet: no guardian was there. */
  sent: boolean;
  resolve(body: unknown): void;
  reject(error: HoldfastError): void;
}

/** Questions to the guardian that wait for an answer, or for a guardian. */
export const createQuestions = () => {
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  const away = (): HoldfastError => new HoldfastError('kernel_unavailable', { kernel: 'guardian' });
  const giveUp = (id: number): void => {
    const asked = waiting.get(id);
    if (asked === undefined || asked.sent) return;
    waiting.delete(id);
    asked.reject(away());
  };
  return {
    ask: (
      op: string,
      input: unknown,
      principal: Principal,
      link: GuardianLink | undefined,
    ): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const id = nextId++;
        const message: Ask = { type: 'ask', id, op, input, principal };
        waiting.set(id, { message, sent: link !== undefined, resolve, reject });
        link?.send(message);
        if (link === undefined) setTimeout(() => giveUp(id), UNSENT_MS).unref();
      }),
    answer(reply: Reply): void {
      const asked = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (reply.ok) asked?.resolve(reply.body);
      else asked?.reject(HoldfastError.fromProblem(reply.problem));
    },
    /** The guardian that was asked is gone: it may or may not have acted. Questions that it never got wait on. */
    drop(): void {
      for (const [id, asked] of waiting) {
        if (!asked.sent) continue;
        waiting.delete(id);
        asked.reject(away());
      }
    },
    resend(link: GuardianLink): void {
      for (const asked of waiting.values()) {
        if (asked.sent) continue;
        asked.sent = true;
        link.send(asked.message);
      }
    },
  };
};
