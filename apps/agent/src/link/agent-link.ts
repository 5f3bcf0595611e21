import {
  AGENT_PATH,
  AGENT_PROTOCOL,
  VERSION,
  toAgentSchema,
  type AgentTask,
  type FromAgent,
  type ToAgent,
} from '@holdfast/contracts';
import type { Logger } from '@holdfast/sdk';
import { WebSocket } from 'ws';
import type { AgentIdentity } from '../identity/agent-identity.ts';

const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
const HANDSHAKE_MS = 10_000;
/** The stack pings every 15 s: three missed pings, and the connection is dead. */
const SILENCE_MS = 45_000;

/** One authenticated connection, from its `welcome` on. */
export interface OpenLink {
  readonly heartbeatIntervalS: number;
  send(message: FromAgent): void;
  /** Aborts when the connection is over. */
  readonly closed: AbortSignal;
}

export interface LinkOptions {
  /** Where the gateway answers: http or https. */
  readonly url: string;
  readonly host: string;
  readonly identity: AgentIdentity;
  readonly log: Logger;
  /** Ends the connection. */
  readonly signal: AbortSignal;
  onOpen(link: OpenLink): void;
  onTask(taskId: string, task: AgentTask): void;
  onAck(taskId: string): void;
}

/** How a connection ended: `refused` holds the code when the stack did not take this agent. */
export interface LinkEnd {
  readonly opened: boolean;
  readonly refused?: string;
}

const parse = (text: string): ToAgent | undefined => {
  try {
    const result = toAgentSchema.safeParse(JSON.parse(text));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
};

/** Runs one connection from start to end. Never rejects: there is always a next try. */
export const runLink = (options: LinkOptions): Promise<LinkEnd> =>
  new Promise((resolve) => {
    const { host, identity, log, signal } = options;
    const address = `${options.url.replace(/^http/, 'ws').replace(/\/+$/, '')}${AGENT_PATH}`;
    const socket = new WebSocket(address, {
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_MS,
    });
    const closed = new AbortController();
    let opened = false;
    let refused: string | undefined;
    let silence = setTimeout(() => socket.terminate(), SILENCE_MS);
    const stop = (): void => socket.terminate();

    const heard = (): void => {
      clearTimeout(silence);
      silence = setTimeout(() => socket.terminate(), SILENCE_MS);
    };
    const send = (message: FromAgent): void => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message), () => {});
    };

    const take = (message: ToAgent): void => {
      switch (message.type) {
        case 'challenge': {
          const signature = identity.signFor(host, message.nonce);
          send({ type: 'hello', protocol: AGENT_PROTOCOL, host, version: VERSION, signature });
          return;
        }
        case 'welcome':
          opened = true;
          options.onOpen({
            heartbeatIntervalS: message.heartbeat_interval_s,
            send,
            closed: closed.signal,
          });
          return;
        case 'refused':
          refused = message.code;
          log.warn({ code: message.code, detail: message.detail }, 'the stack refused this agent');
          return;
        case 'task':
          return options.onTask(message.task_id, message.task);
        case 'result_ack':
          return options.onAck(message.task_id);
      }
    };

    socket.on('message', (data) => {
      heard();
      const message = parse(String(data));
      if (message) return take(message);
      log.warn('a message of the stack cannot be read');
      socket.close(1008, 'malformed message');
    });
    socket.on('ping', heard);
    socket.on('error', (error) => log.debug({ err: error }, 'connection failed'));
    socket.once('close', () => {
      clearTimeout(silence);
      signal.removeEventListener('abort', stop);
      closed.abort();
      resolve({ opened, refused });
    });
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
