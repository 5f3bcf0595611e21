import type { FromChild, ToChild } from '@holdfast/contracts';
import type { Child } from '../supervision/child-process.ts';

/** A child that a test plays: it says what it is told to say, and ends when the test, or a kill, says so. */
export interface FakeChild extends Child {
  readonly pid: number;
  readonly told: ToChild['type'][];
  say(message: FromChild): void;
  end(): void;
  /** Answers to words and to being told to start, unless the test wants it to be silent. */
  silent: boolean;
  /** Leaves when it is asked to stop. */
  obedient: boolean;
}

let nextPid = 1_000_000_000;

export const createFakeChild = (): FakeChild => {
  const pid = nextPid++;
  const told: ToChild['type'][] = [];
  let listener: (message: FromChild) => void = () => {};
  let ended = (_: string): void => {};
  const exited = new Promise<string>((resolve) => (ended = resolve));
  const child: FakeChild = {
    pid,
    told,
    silent: false,
    obedient: true,
    identity: Promise.resolve({ pid, startTime: String(pid) }),
    exited,
    async send(message) {
      told.push(message.type);
      if (child.silent) return;
      if (message.type === 'ping')
        listener({ type: 'pong', id: message.id, idle_ms: 0, requests: 0 });
      if (message.type === 'let_go') listener({ type: 'let_go_done', id: message.id });
      if (message.type === 'init') listener({ type: 'ready' });
      if (message.type === 'stop' && child.obedient) ended('left');
    },
    onMessage: (next) => void (listener = next),
    say: (message) => listener(message),
    end: () => ended('ended by the test'),
    kill: () => ended('killed'),
  };
  return child;
};
