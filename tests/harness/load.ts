import { Agent } from 'node:http';
import { httpCall, type HttpAnswer, type HttpCallOptions } from './http-call.ts';
import { tryConnect } from './tcp.ts';

export interface LoadCall extends HttpCallOptions {
  readonly url: string;
  /** Undefined when the answer is what it should be, else what is wrong with it. By default any 2xx is right. */
  judge?(answer: HttpAnswer): string | undefined;
}

export interface LoadFigures {
  readonly answered: number;
  readonly connected: number;
  /** Nobody listened: this must never happen. */
  readonly refused: number;
  /** The connection broke before the answer was there. */
  readonly reset: number;
  /** Nothing came in time, connection or answer. */
  readonly silent: number;
  /** Answers that were not what they should be. */
  readonly wrong: number;
  /** The first of everything that went wrong, in words. */
  readonly told: readonly string[];
}

export interface Load {
  figures(): LoadFigures;
  /** Ends the load after the calls that run. */
  stop(): Promise<LoadFigures>;
}

export interface LoadOptions {
  /** Makes the next call; each client asks for its own. */
  call?(): LoadCall;
  /** Clients that keep one connection, and clients that take a new one for each call. */
  readonly kept?: number;
  readonly fresh?: number;
  /** Ports that are connected to, one after the other, without a word. */
  ports?(): readonly number[];
  /** Between two calls of one client. */
  readonly pauseMs?: number;
  readonly timeoutMs?: number;
}

type Kind = 'refused' | 'reset' | 'silent' | 'wrong';

/** Of each kind: many of one must not hide the only one of another. */
const KEEP_TOLD = 20;
const REFUSED = 'ECONNREFUSED';
const isRight = ({ status, text }: HttpAnswer): string | undefined =>
  status >= 200 && status < 300 ? undefined : `${status} ${text.slice(0, 200)}`;

/** Callers that never stop asking, and count what they get. */
export const startLoad = (options: LoadOptions): Load => {
  const count = { answered: 0, connected: 0, refused: 0, reset: 0, silent: 0, wrong: 0 };
  const told = { refused: [], reset: [], silent: [], wrong: [] } as Record<Kind, string[]>;
  let stopped = false;

  const tell = (kind: Kind, what: string): void => {
    count[kind] += 1;
    if (told[kind].length < KEEP_TOLD) told[kind].push(`${kind}: ${what}`);
  };
  const pause = (): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, options.pauseMs ?? 5));

  const client = async (agent: Agent | undefined): Promise<void> => {
    while (!stopped) {
      const call = options.call!();
      const where = `${call.method ?? 'GET'} ${call.url}${agent ? ', kept connection' : ''}`;
      try {
        const answer = await httpCall(call.url, { timeoutMs: options.timeoutMs, agent, ...call });
        const wrong = (call.judge ?? isRight)(answer);
        if (wrong === undefined) count.answered += 1;
        else tell('wrong', `${where}: ${wrong}`);
      } catch (error) {
        const { code = '', message } = error as NodeJS.ErrnoException;
        const kind = code === REFUSED ? 'refused' : code === 'NO_ANSWER' ? 'silent' : 'reset';
        tell(kind, `${where}: ${code} ${message}`);
      }
      await pause();
    }
    agent?.destroy();
  };

  const prober = async (ports: () => readonly number[]): Promise<void> => {
    while (!stopped)
      for (const port of ports()) {
        const how = await tryConnect(port);
        if (how === 'open') count.connected += 1;
        else if (how === REFUSED) tell('refused', `connecting to ${port}`);
        else tell(how === 'TIMED_OUT' ? 'silent' : 'reset', `connecting to ${port}: ${how}`);
        await pause();
      }
  };

  const many = (n: number, make: () => Promise<void>): Promise<void>[] =>
    Array.from({ length: n }, make);
  const running = [
    ...many(options.kept ?? 0, () => client(new Agent({ keepAlive: true, maxSockets: 1 }))),
    ...many(options.fresh ?? 0, () => client(undefined)),
    ...(options.ports ? [prober(options.ports)] : []),
  ];
  const figures = (): LoadFigures => ({ ...count, told: Object.values(told).flat() });
  return {
    figures,
    async stop() {
      stopped = true;
      await Promise.all(running);
      return figures();
    },
  };
};

/** What a load has to come to when nothing may go wrong. */
export const FLAWLESS = { refused: 0, reset: 0, silent: 0, wrong: 0, told: [] } as const;
