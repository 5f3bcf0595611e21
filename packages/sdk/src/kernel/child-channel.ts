import type { Socket } from 'node:net';
import {
  SUPERVISION_PROTOCOL,
  type FromChild,
  type PortMap,
  type Principal,
  type ProcessInit,
  type Rejoin,
  type ToChild,
} from '@holdfast/contracts';
import { createQuestions } from './guardian-questions.ts';
import { findGuardian, openIpcLink, type GuardianLink } from './guardian-link.ts';

export interface Activity {
  /** Since the last request ended; 0 while there is work. */
  readonly idleMs: number;
  readonly requests: number;
}

/** The child's end of the channel to the guardian. It outlives a guardian: the next one is found and told who this is. */
export interface ChildChannel {
  readonly init: ProcessInit;
  /** The listening socket that came with `init` (a raw TCP handle), if any. */
  readonly handle: unknown;
  /** Live ports: replaced in place when the guardian moves a kernel. */
  ports(): PortMap;
  onPorts(callback: () => void): void;
  ready(): void;
  failed(problems: readonly string[]): void;
  /** Rejects with the guardian's refusal, or kernel_unavailable when it dies before it answered. */
  ask(op: string, input: unknown, principal: Principal): Promise<unknown>;
  /** Closes kept connections to a port; resolves when none is left that another call could take. */
  onLetGo(callback: (port: number) => Promise<void>): void;
  /** A connection that was accepted for this process while it was not running. */
  onConnection(callback: (socket: Socket) => void): void;
  setActivity(measure: () => Activity): void;
  /** Called once: on `stop`, on a termination signal, or when no guardian came back. */
  onStop(callback: () => void): void;
}

export type Become = Extract<ToChild, { type: 'become' }>;

interface State {
  init?: ProcessInit;
  handle?: unknown;
  ports: PortMap;
  link?: GuardianLink;
  serving: boolean;
  stopped: boolean;
  onStop: () => void;
  onPorts: () => void;
  onLetGo: (port: number) => Promise<void>;
  onConnection?: (socket: Socket) => void;
  readonly connections: Socket[];
  measure: () => Activity;
  onBecome: (message: Become) => void;
}

const state: State = {
  ports: {},
  serving: false,
  stopped: false,
  onStop: () => {},
  onPorts: () => {},
  onLetGo: () => Promise.resolve(),
  connections: [],
  measure: () => ({ idleMs: 0, requests: 0 }),
  onBecome: () => {},
};
const questions = createQuestions();
let channel: Promise<ChildChannel> | undefined;
let opened: (channel: ChildChannel) => void = () => {};

const send = (message: FromChild): void => state.link?.send(message);

const stop = (): void => {
  if (state.init === undefined) process.exit(0);
  if (state.stopped) return;
  state.stopped = true;
  state.onStop();
};

const takeInit = (message: ProcessInit, handle: unknown): void => {
  if (state.init !== undefined) return;
  state.init = message;
  state.handle = handle;
  state.ports = message.ports;
  opened(createChannel(message, handle));
};

const deliver = (message: ToChild, handle: unknown): void => {
  if (message.type === 'become') state.onBecome(message);
  if (message.type === 'init') takeInit(message, handle);
  if (message.type === 'ports') {
    state.ports = message.ports;
    state.onPorts();
  }
  if (message.type === 'ping') {
    const { idleMs, requests } = state.measure();
    send({ type: 'pong', id: message.id, idle_ms: Math.floor(idleMs), requests });
  }
  if (message.type === 'let_go') {
    const done = (): void => send({ type: 'let_go_done', id: message.id });
    void state
      .onLetGo(message.port)
      .finally(done)
      .catch(() => {});
  }
  if (message.type === 'connection') {
    if (state.onConnection === undefined) state.connections.push(handle as Socket);
    else state.onConnection(handle as Socket);
  }
  if (message.type === 'reply') questions.answer(message);
  if (message.type === 'stop') stop();
};

const hello = (init: ProcessInit): Rejoin => ({
  type: 'rejoin',
  protocol: SUPERVISION_PROTOCOL,
  name: init.name,
  pid: process.pid,
  secret: init.secret,
  serving: state.serving,
  restarts: init.restarts,
  settings: init.settings,
  started_at: new Date(Date.now() - process.uptime() * 1_000).toISOString(),
});

/** Without a task there is nothing to keep; with one, callers are served on until a guardian takes over. */
const guardianLost = (): void => {
  state.link = undefined;
  questions.drop();
  const { init } = state;
  if (init === undefined) process.exit(0);
  if (state.stopped) return;
  void findGuardian(init.controlPath, () => hello(init), deliver, guardianLost).then((link) => {
    state.link = link;
    if (link === undefined) stop();
    else questions.resend(link);
  });
};

const createChannel = (init: ProcessInit, handle: unknown): ChildChannel => ({
  init,
  handle,
  ports: () => state.ports,
  onPorts: (callback) => void (state.onPorts = callback),
  ready() {
    state.serving = true;
    send({ type: 'ready' });
  },
  failed(problems) {
    send({ type: 'failed', problems });
    // It is about to leave: nobody has to take it over.
    state.stopped = true;
  },
  ask: (op, input, principal) => questions.ask(op, input, principal, state.link),
  onLetGo: (callback) => void (state.onLetGo = callback),
  onConnection(callback) {
    state.onConnection = callback;
    for (const socket of state.connections.splice(0)) callback(socket);
  },
  setActivity: (measure) => void (state.measure = measure),
  onStop(callback) {
    state.onStop = callback;
    if (state.stopped) callback();
  },
});

/**
 * Waits for the guardian's `init`; one channel a process. A terminal sends interrupt and hang-up to the whole process
 * group: they are ignored here because the guardian stops its children in order.
 */
export const openChildChannel = (): Promise<ChildChannel> => {
  if (channel !== undefined) return channel;
  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
  process.on('SIGTERM', stop);
  channel = new Promise((resolve) => (opened = resolve));
  state.link = openIpcLink(deliver, guardianLost);
  return channel;
};

/** For the spare process: what to become. The `init` that follows goes to the program that was loaded then. */
export const onBecome = (callback: (message: Become) => void): void => {
  state.onBecome = callback;
  void openChildChannel();
};
