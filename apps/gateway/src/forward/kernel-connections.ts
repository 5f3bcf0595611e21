import { Client, buildConnector } from 'undici';

/** One connection to a kernel. It carries one request at a time and connects again by itself. */
export interface KernelConnection {
  readonly client: Client;
  /** Answers received since it was last connected: at 0 there is nothing stale about it. */
  answers: number;
}

/** Connections to one port, the one used last first, so that few stay warm and the others time out. */
export interface KernelConnections {
  readonly port: number;
  acquire(): KernelConnection;
  release(connection: KernelConnection): void;
  /** Closes what is idle now and what is busy when its answer is complete. */
  close(): void;
}

const MAX_IDLE = 128;
/** Below the 30 s after which a kernel closes, so that the kernel does not close under a request. */
const IDLE_MS = 20_000;

export const createKernelConnections = (port: number, connectMs: number): KernelConnections => {
  const connector = buildConnector({ timeout: connectMs });
  const idle: KernelConnection[] = [];
  let closed = false;

  const create = (): KernelConnection => {
    const client = new Client(`http://127.0.0.1:${port}`, {
      connect: connector,
      pipelining: 1,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
    });
    const connection: KernelConnection = { client, answers: 0 };
    client.on('connect', () => (connection.answers = 0));
    return connection;
  };
  const discard = (connection: KernelConnection): void => {
    void connection.client.close();
  };

  return {
    port,
    acquire: () => idle.pop() ?? create(),
    release(connection) {
      if (closed || idle.length >= MAX_IDLE) discard(connection);
      else idle.push(connection);
    },
    close() {
      closed = true;
      for (const connection of idle.splice(0)) discard(connection);
    },
  };
};
