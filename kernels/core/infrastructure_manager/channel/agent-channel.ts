import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { HoldfastError, type AgentTask, type TaskResult, type ToAgent } from '@holdfast/contracts';
import { WebSocketServer } from 'ws';
import type { InfrastructureContext } from '../config.ts';
import { serveAgent, type AgentMessage, type AgentSession } from './agent-session.ts';

const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
const PING_EVERY_MS = 15_000;
const CLOSE_WAIT_MS = 1_000;

/** What the channel tells the rest of the kernel. */
export interface ChannelPorts {
  keyOf(host: string): string | undefined;
  onConnect(host: string, version: string): Promise<void>;
  /** Facts and heartbeats, in order per host. */
  onReport(host: string, message: Exclude<AgentMessage, { type: 'result' }>): Promise<void>;
  /** The result of a durable task; resolves when it is stored. */
  onStepResult(host: string, result: TaskResult): Promise<void>;
}

/** The live connections of agents, at most one a host. */
export interface AgentChannel {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  isConnected(host: string): boolean;
  /** False when the agent is not connected; true says nothing about arrival. */
  send(host: string, message: ToAgent): boolean;
  /** Carries a read-only task out on a host. Rejects with agent_offline, agent_timeout. */
  ask(host: string, task: AgentTask, timeoutMs: number): Promise<TaskResult>;
  /** Ends the connection of a host, if there is one: its key is no longer good. */
  drop(host: string): void;
  connections(): number;
  /** Pings all agents until the signal aborts. */
  watch(): Promise<void>;
  close(): Promise<void>;
}

interface Waiting {
  readonly session: AgentSession;
  resolve(result: TaskResult): void;
  reject(error: HoldfastError): void;
}

export const createAgentChannel = (
  context: InfrastructureContext,
  ports: ChannelPorts,
): AgentChannel => {
  const { clock, log, signal, ids, config } = context;
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  const sessions = new Map<string, AgentSession>();
  const waiting = new Map<string, Waiting>();

  const offline = (id: string): HoldfastError => new HoldfastError('agent_offline', { id });

  const dropQuestions = (session: AgentSession): void => {
    for (const [taskId, one] of waiting) {
      if (one.session !== session) continue;
      waiting.delete(taskId);
      one.reject(offline(session.host));
    }
  };

  const takeResult = async (session: AgentSession, result: TaskResult): Promise<void> => {
    const asked = waiting.get(result.task_id);
    if (asked?.session === session) {
      waiting.delete(result.task_id);
      asked.resolve(result);
    } else await ports.onStepResult(session.host, result);
    session.send({ type: 'result_ack', task_id: result.task_id });
  };

  const sessionPorts = {
    clock,
    log,
    heartbeatIntervalS: config.heartbeat_interval_s,
    keyOf: ports.keyOf,
    onOpen(session: AgentSession, version: string) {
      const before = sessions.get(session.host);
      sessions.set(session.host, session);
      if (before) {
        dropQuestions(before);
        before.replace();
      }
      log.info({ host: session.host }, 'agent connected');
      ports.onConnect(session.host, version).catch((error: unknown) => {
        log.error({ err: error, host: session.host }, 'taking up an agent failed');
        session.close();
      });
    },
    async onMessage(session: AgentSession, message: AgentMessage) {
      if (sessions.get(session.host) !== session) return;
      if (message.type === 'result') await takeResult(session, message.result);
      else await ports.onReport(session.host, message);
    },
    onClose(session: AgentSession) {
      dropQuestions(session);
      if (sessions.get(session.host) !== session) return;
      sessions.delete(session.host);
      log.info({ host: session.host }, 'agent disconnected');
    },
  };

  return {
    upgrade(request, socket, head) {
      server.handleUpgrade(request, socket, head, (webSocket) => {
        serveAgent(webSocket, sessionPorts);
      });
    },
    isConnected: (host) => sessions.has(host),
    connections: () => sessions.size,
    send(host, message) {
      const session = sessions.get(host);
      session?.send(message);
      return session !== undefined;
    },
    drop(host) {
      const session = sessions.get(host);
      if (!session) return;
      sessions.delete(host);
      dropQuestions(session);
      session.replace();
      log.info({ host }, 'agent has a new key: its connection is closed');
    },
    ask(host, task, timeoutMs) {
      const session = sessions.get(host);
      if (!session) return Promise.reject(offline(host));
      const taskId = ids('ask');
      const settled = new AbortController();
      const answer = new Promise<TaskResult>((resolve, reject) => {
        waiting.set(taskId, { session, resolve, reject });
      });
      void clock.sleep(timeoutMs, settled.signal).then(() => {
        const late = waiting.get(taskId);
        waiting.delete(taskId);
        late?.reject(new HoldfastError('agent_timeout', { id: host, timeout_ms: timeoutMs }));
      });
      session.send({ type: 'task', task_id: taskId, task });
      return answer.finally(() => settled.abort());
    },
    async watch() {
      while (!signal.aborted) {
        await clock.sleep(PING_EVERY_MS, signal);
        if (!signal.aborted) for (const session of sessions.values()) session.ping();
      }
    },
    async close() {
      const open = [...server.clients];
      for (const socket of open) socket.close(1001, 'going away');
      const closed = open.map(
        (socket) => new Promise((resolve) => void socket.once('close', resolve)),
      );
      const grace = setTimeout(() => open.forEach((socket) => socket.terminate()), CLOSE_WAIT_MS);
      await Promise.all(closed);
      clearTimeout(grace);
    },
  };
};
