import { BindError, type ListenHandle, type RawHandle } from '@holdfast/sdk/process';
import type { FromKeeper, HeldSocket, StackMemory, ToKeeper } from '../keeper/protocol.ts';
import { createRespawnDelay } from '../keeper/respawn-delay.ts';
import { forkKeeper, parentKeeper, type KeeperChannel } from './keeper-channel.ts';

/** The keeper answers at once, or hangs. */
export interface CustodyTimes {
  /** No question waits longer. */
  readonly answerMs: number;
  readonly pingMs: number;
}

const TIMES: CustodyTimes = { answerMs: 3_000, pingMs: 5_000 };
const UNANSWERED = 3;
/** For somebody who waits for the answer. */
const WORD_MS = 1_000;

type Answer = { readonly handle: RawHandle; readonly port: number } | { readonly code: string };

interface Question {
  readonly message: ToKeeper;
  resolve(answer: Answer): void;
}

/**
 * The sockets of the stack, held twice: by the keeper, so that they outlive this process, and here, so that they
 * outlive the keeper. When the keeper is killed, another one is started and given everything.
 */
export interface Custody {
  readonly keeperPid: number;
  /** What an earlier guardian of this stack left with the keeper; undefined on a fresh start. */
  readonly memory: StackMemory | undefined;
  readonly held: readonly HeldSocket[];
  /** Whether the keeper answers a word now; without a pid there is none. */
  lookAtKeeper(): Promise<{ readonly pid: number | undefined; readonly answers: boolean }>;
  /** The keeper was asked to stop the stack. */
  onStop(callback: (why: string, once: boolean) => void): void;
  /** The keeper was killed, and another one is in its place. */
  onReplaced(callback: (pid: number) => void): void;
  remember(memory: StackMemory): void;
  /** Binds, or answers the socket that is held already. Rejects with BindError. */
  hold(socket: HeldSocket): Promise<ListenHandle>;
  /** One more copy of a held socket: closing it leaves the others open. */
  copy(socket: HeldSocket): Promise<ListenHandle>;
  release(name: string): void;
  /** Resolves when it is on its way. */
  tell(
    message: Extract<ToKeeper, { type: 'news' | 'stopping' | 'succeed' | 'finished' }>,
  ): Promise<void>;
}

/** `keeperEntry` is the program of the keeper, for the case that there is none. */
export const openCustody = async (
  keeperEntry: string,
  times: CustodyTimes = TIMES,
): Promise<Custody> => {
  const own = new Map<string, { socket: HeldSocket; handle: ListenHandle }>();
  const waiting = new Map<number, Question>();
  const heard = new Set<(heard: boolean) => void>();
  let memory: StackMemory | undefined;
  let nextId = 1;
  let channel: KeeperChannel;
  let leaving = false;
  /** There is no keeper. */
  let away = false;
  /** It has everything: it can be asked. */
  let equipped = true;
  const delayOf = createRespawnDelay();
  let began = performance.now();
  let unanswered = 0;
  /** Asked for before anybody listened. */
  let stopAsked: readonly [string, boolean] | undefined;
  let onStop = (why: string, once: boolean): void => void (stopAsked = [why, once]);
  let onReplaced = (_: number): void => {};
  let begun: (message: Extract<FromKeeper, { type: 'begin' }>) => void = () => {};

  const message = (news: FromKeeper, handle: RawHandle): void => {
    unanswered = 0;
    for (const listener of heard) listener(true);
    if (news.type === 'begin') begun(news);
    if (news.type === 'stop') onStop(news.why, news.once);
    if (news.type === 'ping') void channel.send({ type: 'alive' });
    if (news.type !== 'held' && news.type !== 'not_held') return;
    const question = waiting.get(news.id);
    waiting.delete(news.id);
    // The answer came too late: nobody has a use for the socket.
    if (question === undefined) handle?.close();
    else question.resolve(news.type === 'held' ? { handle, port: news.port } : { code: news.code });
  };

  const lost = (): void => {
    away = true;
    equipped = false;
    for (const listener of heard) listener(false);
    if (leaving) return;
    setTimeout(replaceKeeper, delayOf(performance.now() - began));
  };

  const replaceKeeper = (): void => {
    if (leaving) return;
    began = performance.now();
    unanswered = 0;
    try {
      channel = forkKeeper(keeperEntry, { message, lost });
    } catch {
      // No memory or no descriptor for the moment: the sockets are open here, and it is tried again.
      lost();
      return;
    }
    away = false;
    const next = channel;
    void equip(next).then(() => {
      if (next !== channel || away) return;
      equipped = true;
      for (const { message: asked } of waiting.values()) void next.send(asked);
      onReplaced(next.pid);
    });
  };

  setInterval(() => {
    unanswered += 1;
    if (unanswered > UNANSWERED) channel.kill();
    else void channel.send({ type: 'ping' });
  }, times.pingMs).unref();

  /** Everything that the keeper before it had; one socket after the other has to arrive. */
  const equip = async (next: KeeperChannel): Promise<void> => {
    const sends = [...own.values()].map(({ socket, handle }) =>
      next.send({ type: 'give', socket }, handle.raw),
    );
    if (memory) sends.push(next.send({ type: 'remember', memory }));
    await Promise.all(sends);
  };

  const ask = (make: (id: number) => ToKeeper): Promise<Answer> =>
    new Promise((resolve) => {
      const id = nextId++;
      const limit = setTimeout(() => {
        waiting.delete(id);
        resolve({ code: 'ETIMEDOUT' });
      }, times.answerMs);
      const asked = make(id);
      waiting.set(id, {
        message: asked,
        resolve(answer) {
          clearTimeout(limit);
          resolve(answer);
        },
      });
      // The next keeper is asked what the one before it did not answer.
      if (equipped) void channel.send(asked);
    });

  /** Any message of its own will do. */
  const answers = (): Promise<boolean> =>
    new Promise((resolve) => {
      const done = (is: boolean): void => {
        clearTimeout(limit);
        heard.delete(done);
        resolve(is);
      };
      const limit = setTimeout(() => done(false), WORD_MS);
      if (away) return done(false);
      heard.add(done);
      void channel.send({ type: 'ping' });
    });

  const copy = async (
    socket: HeldSocket,
    make: (id: number) => ToKeeper,
  ): Promise<ListenHandle> => {
    const answer = await ask(make);
    if ('code' in answer) throw new BindError(answer.code, socket.address, socket.port);
    const { handle, port } = answer;
    return { address: socket.address, port, raw: handle, close: () => handle.close() };
  };

  const parent = parentKeeper({ message, lost });
  let held: readonly HeldSocket[] = [];
  if (parent === undefined) channel = forkKeeper(keeperEntry, { message, lost });
  else {
    channel = parent;
    const begin = await new Promise<Extract<FromKeeper, { type: 'begin' }>>((resolve) => {
      begun = resolve;
    });
    ({ held, memory } = begin);
  }

  return {
    get keeperPid() {
      return channel.pid;
    },
    memory,
    held,
    lookAtKeeper: async () => ({ answers: await answers(), pid: away ? undefined : channel.pid }),
    onStop(callback) {
      onStop = callback;
      if (stopAsked !== undefined) callback(...stopAsked);
    },
    onReplaced: (callback) => void (onReplaced = callback),
    remember(next) {
      memory = next;
      void channel.send({ type: 'remember', memory: next });
    },
    async hold(socket) {
      const handle = await copy(socket, (id) => ({ type: 'hold', id, socket }));
      own.get(socket.name)?.handle.close();
      own.set(socket.name, { socket: { ...socket, port: handle.port }, handle });
      return handle;
    },
    copy: (socket) => copy(socket, (id) => ({ type: 'copy', id, name: socket.name })),
    release(name) {
      own.get(name)?.handle.close();
      own.delete(name);
      void channel.send({ type: 'release', name });
    },
    tell(news) {
      if (news.type !== 'news') leaving = true;
      return channel.send(news);
    },
  };
};
