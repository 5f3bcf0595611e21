import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { Socket } from 'node:net';
import type { FromChild, ToChild } from '@holdfast/contracts';
import type { LogFiles } from '../logs/log-files.ts';
import type { ListenHandle, ProcessIdentity } from '@holdfast/sdk/process';
import { identifyProcess, sendHandle } from '@holdfast/sdk/process';

/** One process from its start, or from the moment it was taken over, to its end. Nothing here knows of health or restarts. */
export interface Child {
  readonly pid: number | undefined;
  /** Undefined when it was gone before it could be looked at. */
  readonly identity: Promise<ProcessIdentity | undefined>;
  /** Says how it ended; never rejects. */
  readonly exited: Promise<string>;
  send(message: ToChild, handle?: ListenHandle | Socket): Promise<void>;
  onMessage(listener: (message: FromChild) => void): void;
  /** Ends it now; never another process that has its pid by now. */
  kill(): void;
}

interface ChildOptions {
  readonly name: string;
  readonly entry: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logs: LogFiles;
}

const describeExit = (code: number | null, signal: string | null): string =>
  signal === null ? `exited with code ${code}` : `ended by ${signal}`;

/** An accepted connection: this process keeps nothing of it. */
const sendSocket = (child: ChildProcess, message: ToChild, socket: Socket): Promise<void> =>
  new Promise((resolve, reject) => {
    child.send(message, socket, (error) => (error === null ? resolve() : reject(error)));
  });

const watchExit = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(describeExit(code, signal)));
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(`could not be started: ${error.message}`);
    });
  });

/** Starts a process with its own log file as output, a channel to here, and no more of the environment than given. */
export const startChild = (options: ChildOptions): Child => {
  const child = options.logs.withFile(options.name, (fd) =>
    fork(options.entry, [], {
      env: options.env,
      execArgv: [],
      stdio: ['ignore', fd, fd, 'ipc'],
    }),
  );
  const { pid } = child;
  return {
    pid,
    identity: pid === undefined ? Promise.resolve(undefined) : identifyProcess(pid),
    exited: watchExit(child),
    send: (message, handle) =>
      handle instanceof Socket
        ? sendSocket(child, message, handle)
        : sendHandle(child, message, handle),
    onMessage: (listener) => void child.on('message', (message) => listener(message as FromChild)),
    // An own child keeps its pid until it was collected.
    kill: () => void child.kill('SIGKILL'),
  };
};
