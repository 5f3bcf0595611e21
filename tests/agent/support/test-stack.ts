import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import {
  SECRET_HEADER,
  infrastructureApi,
  kernelPrincipal,
  type Event,
  type Profile,
} from '@holdfast/contracts';
import type { Client } from '@holdfast/client';
import { createKernelServer, createLogger, type Clock } from '@holdfast/sdk';
import { createWorld, owner, type World } from '@holdfast/testkit';
import { infrastructureManager } from '../../../kernels/core/infrastructure_manager/kernel.ts';

const SECRET = 'secret-of-this-test';

export interface TestStack {
  readonly world: World;
  /** Where agents connect: stands in for the gateway. */
  readonly url: string;
  /** As the owner calls it. */
  readonly api: Client<typeof infrastructureApi>;
  /** As governance and the workflow engine call it. */
  readonly driver: Client<typeof infrastructureApi>;
  events(type: string): Event[];
  enrolmentToken(alias?: string): Promise<string>;
  /** Cuts every open connection of agents. */
  cutConnections(): void;
  close(options?: { keep?: boolean }): Promise<void>;
}

export interface TestStackOptions {
  readonly home?: string;
  readonly profile?: Profile;
  readonly clock?: Clock;
  /** A port that an earlier stack had: agents find the new one there. */
  readonly port?: number;
}

const listen = (
  server: { listen(port: number, host: string, done: () => void): unknown },
  port = 0,
) => new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));

/** The infrastructure kernel on a real port behind a door that adds the secret of the stack, as the gateway does. */
export const startTestStack = async (options: TestStackOptions = {}): Promise<TestStack> => {
  const world = await createWorld({ kernels: [infrastructureManager], ...options });
  const host = world.host('infrastructure_manager');
  const kernel = createKernelServer(host, SECRET, createLogger('test', 'fatal'));
  await listen(kernel);
  const kernelPort = (kernel.address() as AddressInfo).port;

  const door = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, [SECRET_HEADER]: SECRET };
    const { method, url: path } = incoming;
    const forward = httpRequest(
      { port: kernelPort, host: '127.0.0.1', method, path, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      },
    );
    incoming.pipe(forward);
  });
  const tunnels = new Set<Socket>();
  door.on('upgrade', (incoming: IncomingMessage, socket: Socket) => {
    const kernelSide = connect(kernelPort, '127.0.0.1');
    const headers = { ...incoming.headers, [SECRET_HEADER]: SECRET };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
    kernelSide.write(`GET ${incoming.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    for (const end of [socket, kernelSide]) {
      tunnels.add(end);
      end.on('error', () => {});
      end.on('close', () => {
        tunnels.delete(end);
        socket.destroy();
        kernelSide.destroy();
      });
    }
    socket.pipe(kernelSide).pipe(socket);
  });
  await listen(door, options.port);
  const { port } = door.address() as AddressInfo;
  const api = world.client(infrastructureApi, owner);
  const cutConnections = (): void => {
    for (const socket of tunnels) socket.destroy();
  };
  return {
    world,
    url: `http://127.0.0.1:${port}`,
    api,
    driver: world.client(infrastructureApi, kernelPrincipal('workflow_engine')),
    events: (type) => world.events.filter((event) => event.type === type),
    async enrolmentToken(alias = 'local') {
      return (await api.createEnrolment({ alias })).token;
    },
    cutConnections,
    async close(how) {
      cutConnections();
      door.closeAllConnections();
      kernel.closeAllConnections();
      await Promise.all([door, kernel].map((one) => new Promise((done) => one.close(done))));
      await world.close(how);
    },
  };
};
