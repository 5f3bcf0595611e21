import { Agent, request } from 'node:http';
import { OWNER_TOKEN, bearer } from './fixture-gateway.ts';

export interface Hammer {
  /** Answers with 200 so far. */
  answered(): number;
  /** Resolves when so many more were answered with 200. */
  more(count: number): Promise<void>;
  /** Everything else so far: statuses and broken connections. */
  readonly failures: unknown[];
  /** Resolves when the last answers are in. */
  stop(): Promise<void>;
}

/** Callers on kept connections that propose changes, one after the other, without pause; nothing is ever sent twice. */
export const startHammer = (port: number, callers: number): Hammer => {
  const agent = new Agent({ keepAlive: true });
  const failures: unknown[] = [];
  let answered = 0;
  let over = false;
  let waiting: { readonly at: number; readonly resolve: () => void } | undefined;
  const call = (): Promise<void> =>
    new Promise((resolve) => {
      const headers = { ...bearer(OWNER_TOKEN), 'content-length': 2 };
      const sent = request({ port, path: '/api/changes', method: 'POST', agent, headers });
      sent.on('error', (error) => resolve(void failures.push(error)));
      sent.on('response', (response) => {
        if (response.statusCode === 200) answered += 1;
        else failures.push(response.statusCode);
        if (waiting && answered >= waiting.at) waiting.resolve();
        response.resume().on('close', resolve);
      });
      sent.end('{}');
    });
  const calling = Array.from({ length: callers }, async () => {
    while (!over) await call();
  });
  return {
    answered: () => answered,
    more: (count) => new Promise((resolve) => (waiting = { at: answered + count, resolve })),
    failures,
    async stop() {
      over = true;
      await Promise.all(calling);
      agent.destroy();
    },
  };
};
