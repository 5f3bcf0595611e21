import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import type {
  FromChild,
  ProcessInit,
  ProcessName,
  TokenRecord,
  ToChild,
} from '@holdfast/contracts';
import { createTokenRecord, sendHandle, type ListenHandle } from '@holdfast/sdk/process';
import type { Bundle } from './bundle.ts';
import { OWNER_TOKEN } from './fixture-gateway.ts';
import { fixtureProfile } from './fixture-profile.ts';
import { fixtureStatus } from './fixture-status.ts';

export const ownerRecord = (): Promise<TokenRecord> =>
  createTokenRecord(OWNER_TOKEN, { id: 'owner', role: 'owner' });

export interface GatewayProcess {
  readonly child: ChildProcess;
  /** Operations of the guardian that it asked for. */
  readonly asked: string[];
  send(message: ToChild): void;
  /** The next message of that type; those before it are passed over. */
  next(type: FromChild['type']): Promise<FromChild>;
}

export interface GatewayProcessOptions {
  readonly bundle: Bundle;
  readonly socket: ListenHandle;
  readonly ports?: ProcessInit['ports'];
  readonly auth?: TokenRecord[];
  readonly name?: ProcessName;
}

/** The gateway's program as a process of its own, with a guardian that this process plays. */
export const startGatewayProcess = async (
  options: GatewayProcessOptions,
): Promise<GatewayProcess> => {
  const { bundle, socket, name = 'gateway' } = options;
  const child = fork(bundle.file, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const init: ProcessInit = {
    type: 'init',
    name,
    profile: fixtureProfile(),
    settings: '',
    home: bundle.folder,
    secret: randomBytes(16).toString('hex'),
    ports: options.ports ?? {},
    gatewayPort: socket.port,
    killSwitch: false,
    restarts: 0,
    controlPath: join(bundle.folder, 'control.sock'),
    auth: options.auth,
  };
  const asked: string[] = [];
  child.on('message', (got: FromChild) => {
    if (got.type !== 'ask') return;
    asked.push(got.op);
    child.send({ type: 'reply', id: got.id, ok: true, body: fixtureStatus() });
  });
  await sendHandle(child, init, socket);
  return {
    child,
    asked,
    send: (message) => child.send(message),
    async next(type) {
      for (;;) {
        const [got] = (await once(child, 'message')) as [FromChild];
        if (got.type === type) return got;
      }
    },
  };
};
