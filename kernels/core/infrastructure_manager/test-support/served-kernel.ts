import type { AddressInfo } from 'node:net';
import type { Client } from '@holdfast/client';
import {
  AGENT_PATH,
  infrastructureApi,
  kernelPrincipal,
  type Event,
  type Profile,
} from '@holdfast/contracts';
import { createKernelServer, createLogger, type Clock } from '@holdfast/sdk';
import { createWorld, owner, type World } from '@holdfast/testkit';
import { infrastructureManager } from '../kernel.ts';

export const SECRET = 'secret-of-this-test';

/** The kernel in an in-process world, with its WebSocket on a real port. */
export interface ServedKernel {
  readonly world: World;
  /** Where an agent connects; it has to bring SECRET along. */
  readonly agentUrl: string;
  /** As the owner calls it. */
  readonly api: Client<typeof infrastructureApi>;
  /** As governance and the workflow engine call it. */
  readonly driver: Client<typeof infrastructureApi>;
  events(type: string): Event[];
  close(options?: { keep?: boolean }): Promise<void>;
}

export interface ServeOptions {
  readonly home?: string;
  readonly profile?: Profile;
  readonly clock?: Clock;
}

export const serveKernel = async (options: ServeOptions = {}): Promise<ServedKernel> => {
  const world = await createWorld({ kernels: [infrastructureManager], ...options });
  const host = world.host('infrastructure_manager');
  const server = createKernelServer(host, SECRET, createLogger('test', 'fatal'));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    world,
    agentUrl: `ws://127.0.0.1:${port}${AGENT_PATH}`,
    api: world.client(infrastructureApi, owner),
    driver: world.client(infrastructureApi, kernelPrincipal('workflow_engine')),
    events: (type) => world.events.filter((event) => event.type === type),
    async close(how) {
      const closed = new Promise((resolve) => server.close(resolve));
      await world.close(how);
      server.closeAllConnections();
      await closed;
    },
  };
};
