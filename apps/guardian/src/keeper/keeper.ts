import type { ChildProcess } from 'node:child_process';
import type { RawHandle } from '@holdfast/sdk/process';
import type { FromKeeper, StackMemory, ToKeeper } from './protocol.ts';
import { createRespawnDelay } from './respawn-delay.ts';
import { createSocketShelf } from './socket-shelf.ts';

/** The guardian that is there now: forked by this keeper, or the one that forked it. */
export interface GuardianChannel {
  send(message: FromKeeper, handle?: RawHandle): void;
  /** Ends that very process. */
  kill(): void;
}

export interface Keeper {
  /** Starts the first guardian. */
  begin(): void;
  /** Serves a guardian that was there before this keeper. */
  serve(channel: GuardianChannel): void;
  receive(message: ToKeeper, handle: unknown): void;
  /** The guardian is gone. */
  lost(): void;
  /** `once`: not more than once, whoever else asks. */
  stop(why: string, once: boolean): void;
}

interface Options {
  fork(): ChildProcess;
  /** Tells the program that started this one, when it still listens. */
  tell(news: Extract<ToKeeper, { type: 'news' }>['news']): void;
  exit(code: number): void;
}

const PING_MS = 5_000;
const UNANSWERED = 4;
/** A guardian that was asked to stop says at once that it does. */
const STOP_ANSWER_MS = 5_000;

/**
 * Holds the sockets of a stack and sees that there is a guardian. It does nothing else, so that nothing else can end it.
 */
export const createKeeper = (options: Options): Keeper => {
  const shelf = createSocketShelf();
  const delayOf = createRespawnDelay();
  let memory: StackMemory | undefined;
  let channel: GuardianChannel | undefined;
  let began = 0;
  let stopping = false;
  let succeeding = false;
  /** The guardian that started this keeper has not handed its memory over yet. */
  let empty = false;
  /** Asked for, and not taken up by a guardian yet. */
  let stopWanted: Extract<FromKeeper, { type: 'stop' }> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let unanswered = 0;
  /** All is done: this process leaves after its guardian. */
  let finished: number | undefined;

  setInterval(() => {
    if (channel === undefined) return;
    unanswered += 1;
    if (unanswered > UNANSWERED) channel.kill();
    else channel.send({ type: 'ping' });
  }, PING_MS);

  const channelTo = (child: ChildProcess): GuardianChannel => ({
    send: (message, handle) => {
      if (child.connected) child.send(message, handle as never, () => {});
    },
    // An own child keeps its pid until it was collected.
    kill: () => void child.kill('SIGKILL'),
  });

  const use = (next: GuardianChannel): void => {
    channel = next;
    unanswered = 0;
    began = performance.now();
  };

  const watchEnd = (child: ChildProcess): void => {
    child.on('error', () => {
      if (child.pid === undefined) keeper.lost();
    });
    // Its last words are read before its channel ends, and may come after its exit.
    const gone = ['exit', 'disconnect'].map(
      (event) => new Promise<void>((resolve) => child.once(event, () => resolve())),
    );
    void Promise.all(gone).then(() => keeper.lost());
  };

  const fork = (): void => {
    let child: ChildProcess;
    began = performance.now();
    try {
      child = options.fork();
    } catch {
      // No memory or no descriptor for the moment: the sockets stay, and it is tried again.
      keeper.lost();
      return;
    }
    use(channelTo(child));
    child.on('message', (message, handle) => keeper.receive(message as ToKeeper, handle));
    watchEnd(child);
    channel?.send({ type: 'begin', held: shelf.list(), memory });
    if (stopWanted !== undefined) channel?.send(stopWanted);
  };

  const answerHold = (message: Extract<ToKeeper, { type: 'hold' | 'copy' }>): void => {
    const { id } = message;
    const got =
      message.type === 'hold' ? shelf.hold(message.socket) : (shelf.get(message.name) ?? 'ENOENT');
    if (typeof got === 'string') channel?.send({ type: 'not_held', id, code: got });
    else channel?.send({ type: 'held', id, port: got.port }, got.raw);
  };

  const keeper: Keeper = {
    begin: fork,
    serve(served) {
      empty = true;
      use(served);
    },
    receive(message, handle) {
      unanswered = 0;
      if (message.type === 'hold' || message.type === 'copy') answerHold(message);
      if (message.type === 'give') shelf.take(message.socket, handle as RawHandle);
      if (message.type === 'release') shelf.release(message.name);
      if (message.type === 'remember') {
        memory = message.memory;
        empty = false;
      }
      if (message.type === 'news') options.tell(message.news);
      if (message.type === 'ping') channel?.send({ type: 'pong' });
      if (message.type === 'stopping') stopping = true;
      if (message.type === 'succeed') succeeding = true;
      // A guardian that refuses to take over is tried again: its processes still serve.
      if (message.type === 'finished' && (stopping || memory === undefined))
        finished = message.code;
    },
    lost() {
      channel = undefined;
      const nothingToStop = stopWanted !== undefined && memory === undefined;
      if (finished !== undefined || stopping || nothingToStop) {
        options.exit(finished ?? (stopping ? 1 : 0));
        return;
      }
      // It knows nothing of a stack: as if it had not been started. The next start takes over what serves.
      if (empty) {
        options.exit(1);
        return;
      }
      const delay = succeeding || stopWanted ? 0 : delayOf(performance.now() - began);
      succeeding = false;
      clearTimeout(timer);
      timer = setTimeout(fork, delay);
    },
    stop(why, once) {
      stopWanted = { type: 'stop', why, once };
      channel?.send(stopWanted);
      const asked = channel;
      // One that hangs is ended: the next one takes the processes over, and stops them.
      setTimeout(() => {
        if (!stopping && channel === asked) asked?.kill();
      }, STOP_ANSWER_MS).unref();
    },
  };
  return keeper;
};
