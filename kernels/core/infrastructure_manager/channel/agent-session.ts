import { createPublicKey, randomBytes, verify } from 'node:crypto';
import {
  AGENT_PROTOCOL,
  agentSignatureText,
  fromAgentSchema,
  type FromAgent,
  type ToAgent,
} from '@holdfast/contracts';
import type { Clock, Logger } from '@holdfast/sdk';
import type { RawData, WebSocket } from 'ws';

const NONCE_BYTES = 32;
const HELLO_MS = 10_000;
/** Nobody who has not signed a challenge gets more than this parsed. */
const MAX_HELLO_LENGTH = 4096;
const CLOSE_POLICY = 1008;
const CLOSE_FAILED = 1011;
const CLOSE_REPLACED = 4000;

export type AgentMessage = Exclude<FromAgent, { type: 'hello' }>;

/** One authenticated connection of an agent. */
export interface AgentSession {
  readonly host: string;
  send(message: ToAgent): void;
  /** Another connection of the same agent took over. */
  replace(): void;
  /** Sends a ping; ends the connection when the one before was not answered. */
  ping(): void;
  close(): void;
}

export interface SessionPorts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly heartbeatIntervalS: number;
  /** The registered key of a host, if it has one. */
  keyOf(host: string): string | undefined;
  /** The handshake succeeded. */
  onOpen(session: AgentSession, version: string): void;
  /** One message, in order; a rejection ends the connection so that the agent sends again. */
  onMessage(session: AgentSession, message: AgentMessage): Promise<void>;
  onClose(session: AgentSession): void;
}

const isSigned = (key: string, host: string, nonce: string, signature: string): boolean => {
  try {
    const text = Buffer.from(agentSignatureText(host, nonce));
    return verify(null, text, createPublicKey(key), Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
};

const parseMessage = (data: RawData, isBinary: boolean): FromAgent | undefined => {
  if (isBinary) return undefined;
  try {
    const result = fromAgentSchema.safeParse(JSON.parse(String(data)));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
};

/** Runs the protocol on one socket: challenge, hello, welcome, then messages one after the other. */
export const serveAgent = (socket: WebSocket, ports: SessionPorts): void => {
  const { log } = ports;
  const nonce = randomBytes(NONCE_BYTES).toString('base64url');
  let session: AgentSession | undefined;
  let answered = true;
  let handling: Promise<void> = Promise.resolve();
  const post = (message: ToAgent): void => socket.send(JSON.stringify(message), () => {});

  const refuse = (code: string, detail: string): void => {
    post({ type: 'refused', code, detail });
    socket.close(CLOSE_POLICY, code);
  };

  const open = (hello: Extract<FromAgent, { type: 'hello' }>): void => {
    const { host, protocol, version, signature } = hello;
    if (protocol !== AGENT_PROTOCOL) {
      const detail = `protocol ${protocol}: this stack speaks ${AGENT_PROTOCOL}`;
      return refuse('agent_protocol', detail);
    }
    const key = ports.keyOf(host);
    // One answer for an unknown host and for a wrong key: it tells nobody which hosts exist.
    if (key === undefined || !isSigned(key, host, nonce, signature))
      return refuse('agent_unknown', 'the agent key is not enrolled');
    session = {
      host,
      send: post,
      replace: () => socket.close(CLOSE_REPLACED, 'replaced'),
      ping() {
        if (!answered) return socket.terminate();
        answered = false;
        socket.ping();
      },
      close: () => socket.close(1001, 'going away'),
    };
    post({ type: 'welcome', host, heartbeat_interval_s: ports.heartbeatIntervalS });
    ports.onOpen(session, version);
  };

  const take = (message: FromAgent): void => {
    if (session === undefined) {
      if (message.type === 'hello') open(message);
      else socket.close(CLOSE_POLICY, 'hello expected');
      return;
    }
    if (message.type === 'hello') return socket.close(CLOSE_POLICY, 'unexpected hello');
    const current = session;
    handling = handling
      .then(() => ports.onMessage(current, message))
      .catch((error: unknown) => {
        log.error({ err: error, host: current.host, type: message.type }, 'agent message failed');
        socket.close(CLOSE_FAILED, 'try again');
      });
  };

  socket.on('message', (data, isBinary) => {
    const isTooLong = session === undefined && String(data).length > MAX_HELLO_LENGTH;
    const message = isTooLong ? undefined : parseMessage(data, isBinary);
    if (message) take(message);
    else socket.close(CLOSE_POLICY, 'malformed message');
  });
  socket.on('pong', () => {
    answered = true;
  });
  const settled = new AbortController();
  socket.on('close', () => {
    settled.abort();
    if (session) ports.onClose(session);
  });
  socket.on('error', (error) => log.debug({ err: error }, 'agent socket'));
  post({ type: 'challenge', nonce });
  void ports.clock.sleep(HELLO_MS, settled.signal).then(() => {
    if (session === undefined) socket.close(CLOSE_POLICY, 'no hello');
  });
};
