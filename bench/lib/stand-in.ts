import { HoldfastError, type Api, type KernelId } from '@holdfast/contracts';
import {
  createIds,
  createKernelHost,
  createKernelServer,
  createLogger,
  defineKernel,
  systemClock,
  type Handlers,
  type KernelDefinition,
} from '@holdfast/sdk';
import { openStore } from '@holdfast/store';
import { testProfile } from '@holdfast/testkit';
import type { AddressInfo } from 'node:net';
import * as z from 'zod';

/** A kernel that keeps nothing and offers only some of its operations; the others are refused as not installed. */
export const defineStandIn = <A extends Api>(
  id: KernelId,
  api: A,
  offered: Partial<Handlers<A>>,
) => {
  const notOffered = async (): Promise<never> => {
    throw new HoldfastError('not_installed', { kernel: id });
  };
  const handlers = Object.fromEntries(
    Object.keys(api.ops).map((name) => [name, offered[name as keyof Handlers<A>] ?? notOffered]),
  ) as unknown as Handlers<A>;
  return defineKernel({
    id,
    api,
    config: { schema: z.strictObject({}), fromProfile: () => ({}) },
    needs: {},
    subscribes: [],
    migrations: [],
    init: async () => ({ handlers }),
  });
};

export interface ServedStandIn {
  readonly port: number;
  stop(): Promise<void>;
}

/** Serves a stand-in over HTTP in this process, to those who know the secret. */
export const serveStandIn = async <A extends Api>(
  definition: KernelDefinition<A, Record<string, never>, Record<string, never>>,
  home: string,
  secret: string,
): Promise<ServedStandIn> => {
  const log = createLogger(definition.id, 'error');
  const host = await createKernelHost(definition as unknown as KernelDefinition, {
    profile: testProfile(),
    home,
    killSwitch: false,
    clock: systemClock,
    ids: createIds(systemClock),
    log,
    transport: async (api) => {
      throw new HoldfastError('kernel_unavailable', { kernel: api.kernel });
    },
    openStore: (migrations) => openStore({ kernel: definition.id, dir: home, migrations }),
  });
  const server = createKernelServer(host, secret, log);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      server.closeAllConnections();
      server.close();
      await host.stop();
    },
  };
};
