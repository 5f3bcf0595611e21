import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HoldfastError, Principal } from '@holdfast/contracts';
import {
  LINE_PATH,
  LINE_PROTOCOL,
  MAX_CALL_CHARS,
  readFrames,
  textOfFrame,
  writeFrame,
  type CallFrame,
  type FromCaller,
} from './frames.ts';

/** One call that came over a line. `gone` aborts when its caller gave up or its line is lost. */
export interface LineCall {
  readonly principal: Principal;
  readonly op: string;
  readonly input: unknown;
  readonly idempotencyKey: string | undefined;
  readonly gone: AbortSignal;
}

/** Rejects with what the caller is told. */
export type ServeCall = (call: LineCall) => Promise<unknown>;

export interface LineServer {
  /** Takes over a connection whose upgrade was allowed, and whose errors somebody listens to. */
  accept(socket: Duplex, head: Buffer, principal: Principal): void;
  /**
   * Asks every caller to leave; resolves once all have, and cuts those who have not after `capMs`. Lines are still opened
   * until `isLast`.
   */
  drain(capMs: number, isLast: Promise<void>): Promise<void>;
}

const SWITCH = `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ${LINE_PROTOCOL}\r\n\r\n`;

export const isLineUpgrade = ({ url, headers }: IncomingMessage): boolean =>
  url === LINE_PATH && headers.upgrade === LINE_PROTOCOL;

const isCall = (frame: FromCaller): frame is CallFrame =>
  !('cancel' in frame) && typeof frame.id === 'number' && typeof frame.op === 'string';

/** The end of a line that answers: one connection carries the calls of one process, many at once. */
export const createLineServer = (
  serve: ServeCall,
  toRefusal: (error: unknown) => HoldfastError,
): LineServer => {
  const lines = new Set<Duplex>();
  let leaving = false;

  return {
    accept(socket, head, principal) {
      const running = new Map<number, AbortController>();

      const answer = async ({ id, op, input, key }: CallFrame): Promise<void> => {
        const call = new AbortController();
        running.set(id, call);
        let text: string;
        try {
          const asked = { principal, op, input, idempotencyKey: key, gone: call.signal };
          text = textOfFrame({ id, value: await serve(asked) });
        } catch (error) {
          text = textOfFrame({ id, problem: toRefusal(error).toProblem() });
        }
        running.delete(id);
        if (!call.signal.aborted) socket.write(text);
      };

      const take = (frame: FromCaller): void => {
        if (isCall(frame)) void answer(frame);
        else if (typeof frame.id === 'number') running.get(frame.id)?.abort();
        else throw new Error('neither a call nor its end');
      };

      lines.add(socket);
      socket.once('close', () => {
        lines.delete(socket);
        for (const call of running.values()) call.abort();
      });
      socket.once('end', () => socket.end());
      socket.write(SWITCH);
      readFrames(socket, head, take, MAX_CALL_CHARS);
      if (leaving) writeFrame(socket, { bye: true });
    },
    async drain(capMs, isLast) {
      const until = performance.now() + capMs;
      leaving = true;
      for (const socket of lines) writeFrame(socket, { bye: true });
      await isLast;
      const gone = [...lines].map(
        (socket) => new Promise<void>((resolve) => void socket.once('close', resolve)),
      );
      const cut = setTimeout(() => {
        for (const socket of lines) socket.destroy();
      }, until - performance.now());
      await Promise.all(gone);
      clearTimeout(cut);
    },
  };
};
