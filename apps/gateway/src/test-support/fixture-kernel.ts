import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A kernel that does what a test says, on a real socket. */
export interface FixtureKernel {
  readonly port: number;
  /** Every request that reached it. */
  readonly requests: IncomingMessage[];
  /** Connections open now. */
  readonly sockets: Set<Socket>;
  handler: Handler;
  close(): Promise<void>;
}

export const answerJson = (response: ServerResponse, value: unknown, status = 200): void => {
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
};

const echo: Handler = (request, response) =>
  answerJson(response, { path: request.url, method: request.method });

/** `port` 0 takes any. */
export const startFixtureKernel = async (
  handler: Handler = echo,
  port = 0,
): Promise<FixtureKernel> => {
  const sockets = new Set<Socket>();
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    kernel.handler(request, response);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const kernel: FixtureKernel = {
    port: (server.address() as AddressInfo).port,
    requests,
    sockets,
    handler,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.resetAndDestroy();
      }),
  };
  return kernel;
};
