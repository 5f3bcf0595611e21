import type { FromChild, ToChild } from '@holdfast/contracts';
import type { Child } from './child-process.ts';

type Pong = Extract<FromChild, { type: 'pong' }>;

/** Questions to a child that it answers by number. */
export interface ChildCalls {
  /** Undefined when it does not answer in time. */
  ping(timeoutMs: number): Promise<Pong | undefined>;
  /** Resolves when it holds no idle connection to the port any more, or did not say so in time. */
  letGo(port: number, timeoutMs: number): Promise<void>;
  /** True when the message was an answer. */
  take(message: FromChild): boolean;
}

export const createChildCalls = (child: Pick<Child, 'send'>): ChildCalls => {
  const waiting = new Map<number, (message: FromChild | undefined) => void>();
  let nextId = 1;

  const call = (make: (id: number) => ToChild, timeoutMs: number): Promise<FromChild | undefined> =>
    new Promise((resolve) => {
      const id = nextId++;
      const finish = (message: FromChild | undefined): void => {
        clearTimeout(timer);
        waiting.delete(id);
        resolve(message);
      };
      const timer = setTimeout(() => finish(undefined), timeoutMs);
      waiting.set(id, finish);
      child.send(make(id)).catch(() => finish(undefined));
    });

  return {
    ping: async (timeoutMs) =>
      (await call((id) => ({ type: 'ping', id }), timeoutMs)) as Pong | undefined,
    letGo: async (port, timeoutMs) =>
      void (await call((id) => ({ type: 'let_go', id, port }), timeoutMs)),
    take(message) {
      if (message.type !== 'pong' && message.type !== 'let_go_done') return false;
      waiting.get(message.id)?.(message);
      return true;
    },
  };
};
