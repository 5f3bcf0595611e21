import { request } from 'node:http';
import type { Socket } from 'node:net';
import { HoldfastError } from '@holdfast/contracts';
import { LINE_PATH, LINE_PROTOCOL, readFrames, writeFrame, type FromCallee } from './frames.ts';

/** A line nobody called over for so long is closed. */
const IDLE_MS = 20_000;
/** So many calls at once are on a line: who waits for more of them waits elsewhere. */
const MOST_WAITING = 256;
/** A peer that does not answer the end of a line has so long. */
const PART_MS = 5_000;
const OPEN_TIMEOUT_MS = 5_000;

/** The line broke after the call was put on it: whether it was carried out is unknown. */
export class LineLost extends Error {}

/** The caller gave up, or its time was over; whether the call was carried out is unknown. */
export class CallEnded extends Error {}

/** The end of a line that calls. */
export interface CallLine {
  /** False: it takes no more calls. */
  readonly isOpen: boolean;
  /** It takes calls again once others were answered. */
  readonly isFull: boolean;
  /**
   * Calls an operation; `input` is JSON text. Rejects with the HoldfastError of a refusal, LineLost, or what `end` was
   * given. `onEnd` gets what ends the waiting.
   */
  call(
    what: { readonly op: string; readonly input: string; readonly key?: string },
    onEnd: (end: (reason: Error) => void) => void,
  ): Promise<unknown>;
  /** Takes no more calls; closes when the last one was answered. */
  leave(): void;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

const createCallLine = (socket: Socket, head: Buffer, idleMs: number): CallLine => {
  const waiting = new Map<number, Waiting>();
  let last = 0;
  let isOpen = true;

  const endWhenDone = (): void => {
    if (isOpen || waiting.size > 0 || socket.writableEnded) return;
    socket.end();
    const parting = setTimeout(() => socket.destroy(), PART_MS).unref();
    socket.once('close', () => clearTimeout(parting));
  };
  const leave = (): void => {
    isOpen = false;
    endWhenDone();
  };
  const settle = (id: number): Waiting | undefined => {
    const one = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) socket.unref();
    endWhenDone();
    return one;
  };
  const take = (frame: FromCallee): void => {
    if ('bye' in frame) leave();
    else if ('problem' in frame) {
      // What is no problem throws before its call is taken for settled.
      const refusal = HoldfastError.fromProblem(frame.problem);
      settle(frame.id)?.reject(refusal);
    } else settle(frame.id)?.resolve(frame.value);
  };

  socket.setNoDelay(true);
  // As with a kept connection: a process that has nothing else to do may end.
  socket.unref();
  socket.setTimeout(idleMs);
  // Not once: a call that takes longer than that outlives the first one.
  socket.on('timeout', () => {
    if (waiting.size === 0) leave();
  });
  socket.once('close', () => {
    isOpen = false;
    for (const one of waiting.values()) one.reject(new LineLost('the line to a kernel broke'));
    waiting.clear();
  });
  // The close that follows says it all.
  socket.on('error', () => {});
  socket.once('end', leave);
  readFrames(socket, head, take);

  return {
    get isOpen() {
      return isOpen && socket.writable;
    },
    get isFull() {
      return waiting.size >= MOST_WAITING;
    },
    leave,
    call: ({ op, input, key }, onEnd) =>
      new Promise((resolve, reject) => {
        last += 1;
        const id = last;
        waiting.set(id, { resolve, reject });
        socket.ref();
        onEnd((reason) => {
          const one = settle(id);
          if (!one) return;
          if (socket.writable) writeFrame(socket, { id, cancel: true });
          one.reject(reason);
        });
        const named = key === undefined ? '' : `,"key":${JSON.stringify(key)}`;
        socket.write(`{"id":${id},"op":"${op}"${named},"input":${input}}\n`);
      }),
  };
};

/** Opens a line to the kernel at a base URL; undefined where there is none to be had now. Never rejects. */
export const openCallLine = (
  base: string,
  headers: Readonly<Record<string, string>>,
  idleMs = IDLE_MS,
): Promise<CallLine | undefined> =>
  new Promise((resolve) => {
    const outgoing = request(base + LINE_PATH, {
      headers: { ...headers, connection: 'upgrade', upgrade: LINE_PROTOCOL },
      agent: false,
    });
    const none = (): void => {
      clearTimeout(timer);
      outgoing.destroy();
      resolve(undefined);
    };
    const timer = setTimeout(none, OPEN_TIMEOUT_MS);
    outgoing.once('upgrade', (_response, socket, head) => {
      clearTimeout(timer);
      resolve(createCallLine(socket as Socket, head, idleMs));
    });
    outgoing.once('response', none);
    outgoing.once('error', none);
    outgoing.end();
  });
