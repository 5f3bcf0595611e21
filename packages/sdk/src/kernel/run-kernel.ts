import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { KeptConnections, createHttpTransport } from '@holdfast/client';
import {
  isHoldfastError,
  kernelPrincipal,
  type Api,
  type KernelId,
  type PortMap,
} from '@holdfast/contracts';
import { openStore } from '@holdfast/store';
import { systemClock } from '../clock.ts';
import { askGateway, rememberTokens } from '../http/bearer-auth.ts';
import { internalHeaders } from '../http/internal-auth.ts';
import { createIds } from '../ids.ts';
import { createLineTransport } from '../line/line-transport.ts';
import { createLogger, type Logger } from '../log/logger.ts';
import { readBuildId } from './build-id.ts';
import { openChildChannel } from './child-channel.ts';
import type { KernelDefinition, Needs } from './define-kernel.ts';
import { createGuardianTransport, withGuardian } from './guardian-transport.ts';
import { createKernelHost } from './kernel-host.ts';
import { createKernelServer } from './kernel-server.ts';
import { trimMemoryAfterStart } from './trim-memory.ts';

/** Where a kernel answers now, by the live port map; undefined when it is not running here. */
export const kernelUrl =
  (ports: () => PortMap) =>
  (api: Api): string | undefined => {
    const port = ports()[api.kernel as KernelId];
    return port === undefined ? undefined : `http://127.0.0.1:${port}`;
  };

/** Reports what nobody caught and leaves: the guardian starts a fresh process from durable state. */
export const exitOnUncaught = (log: Logger): void => {
  const leave = (error: unknown): void => {
    log.fatal({ err: error }, 'uncaught failure');
    process.exit(1);
  };
  process.on('uncaughtException', leave);
  process.on('unhandledRejection', leave);
};

/** One that came over the channel would end with its caller's last byte; a server's own waits for the answer. */
const takeConnection = (server: Server, socket: Socket): void => {
  socket.allowHalfOpen = true;
  server.emit('connection', socket);
};

/** The main program of a kernel process: waits for the guardian, serves on the socket that it hands over. */
export const runKernel = async <A extends Api, C, N extends Needs>(
  typed: KernelDefinition<A, C, N>,
): Promise<void> => {
  const definition = typed as unknown as KernelDefinition;
  const build = readBuildId();
  const channel = await openChildChannel();
  const { init } = channel;
  const log = createLogger(definition.id, init.profile.logging.level);
  exitOnUncaught(log);
  try {
    const self = kernelPrincipal(definition.id);
    const headers = internalHeaders(init.secret, self);
    const agent = new KeptConnections();
    const baseUrl = kernelUrl(channel.ports);
    const overHttp = createHttpTransport({ baseUrl, headers: () => headers, agent });
    const lines = createLineTransport({ baseUrl, headers, overHttp });
    channel.onLetGo(async (port) => {
      agent.letGo(port);
      lines.letGo(port);
    });
    const transport = withGuardian(createGuardianTransport(channel, self), lines.transport);
    const host = await createKernelHost(definition, {
      profile: init.profile,
      home: init.home,
      killSwitch: init.killSwitch,
      clock: systemClock,
      ids: createIds(systemClock),
      log,
      transport,
      openStore: (migrations, { shared }) =>
        openStore({
          kernel: definition.id,
          dir: join(init.home, 'data'),
          databaseUrl: init.databaseUrl,
          shared,
          migrations,
        }),
    });
    const server = createKernelServer(host, init.secret, log, {
      checkToken: rememberTokens(askGateway(init.gatewayPort)),
      restarts: init.restarts,
      build,
    });
    channel.setActivity(server.activity);
    channel.onStop(() => {
      void server
        .drain()
        .then(() => host.stop())
        .finally(() => process.exit(0));
    });
    server.listen(channel.handle as { fd: number }, () => {
      channel.onConnection((socket) => takeConnection(server, socket));
      host.serve();
      channel.ready();
      log.info('serving');
      void trimMemoryAfterStart(systemClock, host.signal);
    });
  } catch (error) {
    log.fatal({ err: error }, 'start failed');
    channel.failed([
      isHoldfastError(error) || error instanceof Error ? error.message : 'start failed',
    ]);
    process.exitCode = 1;
    process.disconnect?.();
  }
};
