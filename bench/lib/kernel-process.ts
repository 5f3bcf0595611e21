import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { FromChild, KernelId, PortMap, ProcessInit, Profile } from '@holdfast/contracts';

export interface KernelProcess {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

export interface KernelStart {
  readonly name: KernelId;
  /** A bundle that calls `runKernel`. */
  readonly program: string;
  readonly args?: readonly string[];
  readonly profile: Profile;
  readonly home: string;
  readonly secret: string;
  readonly ports?: PortMap;
  readonly databaseUrl?: string;
}

const openSocket = async (): Promise<{ readonly socket: Server; readonly port: number }> => {
  const socket = createServer().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  return { socket, port: (socket.address() as AddressInfo).port };
};

const untilReady = (child: ChildProcess, name: string): Promise<void> =>
  new Promise((resolve, reject) => {
    child.on('message', (message: FromChild) => {
      if (message.type === 'ready') resolve();
      if (message.type === 'failed') reject(new Error(`${name}: ${message.problems.join('; ')}`));
    });
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
  });

/** Starts a kernel as the guardian does, with a socket that is handed over; resolves when it serves. */
export const startKernelProcess = async (start: KernelStart): Promise<KernelProcess> => {
  const { name, program, args = [], ports = {}, ...rest } = start;
  const { socket, port } = await openSocket();
  const child = fork(program, [...args], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = once(child, 'exit');
  const ready = untilReady(child, name);
  const init: ProcessInit = {
    ...rest,
    type: 'init',
    name,
    settings: '',
    ports: { ...ports, [name]: port },
    gatewayPort: 0,
    killSwitch: false,
    restarts: 0,
    controlPath: `${rest.home}/control.sock`,
  };
  child.send(init, socket);
  await ready;
  // The child has a copy of its own; a second listener here would take connections from it.
  socket.close();
  return {
    pid: child.pid!,
    port,
    async stop() {
      if (child.connected) child.send({ type: 'stop' });
      await exited;
    },
  };
};
