import { fork } from 'node:child_process';
import { onDisconnect, type RawHandle } from '@holdfast/sdk/process';
import { KEEPER_OF_GUARDIAN, UNDER_KEEPER } from '../keeper/environment.ts';
import type { FromKeeper, ToKeeper } from '../keeper/protocol.ts';

/** The channel to the keeper that is there now. */
export interface KeeperChannel {
  readonly pid: number;
  /** Resolves when it is on its way, or the keeper is away. */
  send(message: ToKeeper, handle?: RawHandle): Promise<void>;
  /** Ends that very process. */
  kill(): void;
}

export interface KeeperListener {
  message(message: FromKeeper, handle: RawHandle): void;
  lost(): void;
}

/** The keeper that started this process; undefined when something else did. */
export const parentKeeper = (listener: KeeperListener): KeeperChannel | undefined => {
  if (process.env[UNDER_KEEPER] !== '1' || process.send === undefined) return undefined;
  process.on('message', (message: FromKeeper, handle: RawHandle) =>
    listener.message(message, handle),
  );
  onDisconnect(() => listener.lost());
  const keeper = process.ppid;
  return {
    pid: keeper,
    // As long as it is the parent of this process nobody else can have its pid.
    kill: () => void (process.ppid === keeper && process.kill(keeper, 'SIGKILL')),
    send: (message, handle) =>
      new Promise((resolve) => {
        if (!process.connected) resolve();
        else process.send?.(message, handle as never, undefined, () => resolve());
      }),
  };
};

/** Starts a keeper below this process, for a guardian whose own was killed. It stays when this process goes. */
export const forkKeeper = (entry: string, listener: KeeperListener): KeeperChannel => {
  const env: NodeJS.ProcessEnv = { ...process.env, [KEEPER_OF_GUARDIAN]: '1' };
  delete env[UNDER_KEEPER];
  const child = fork(entry, [], {
    env,
    execArgv: [],
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.on('message', (message, handle) =>
    listener.message(message as FromKeeper, handle as unknown as RawHandle),
  );
  child.on('error', () => {
    if (child.pid === undefined) listener.lost();
  });
  child.once('exit', () => listener.lost());
  child.unref();
  return {
    pid: child.pid ?? 0,
    kill: () => void child.kill('SIGKILL'),
    send: (message, handle) =>
      new Promise((resolve) => {
        if (!child.connected) resolve();
        else child.send(message, handle as never, () => resolve());
      }),
  };
};
