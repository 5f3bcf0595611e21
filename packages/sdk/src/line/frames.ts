import type { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { HoldfastError } from '@holdfast/contracts';

/** Name of the protocol in the Upgrade header (RFC 9110 section 7.8) of a GET of `LINE_PATH`. */
export const LINE_PROTOCOL = 'holdfast-calls-1';
export const LINE_PATH = '/calls';

/** Longest frame with a call, in UTF-16 units. A longer one would keep others waiting: it goes by itself, over HTTP. */
export const MAX_CALL_CHARS = 256 * 1024;
const MAX_ANSWER_CHARS = 64 * 1024 * 1024;

/** An operation is called. Ids are the caller's own and unique on a line. */
export interface CallFrame {
  readonly id: number;
  readonly op: string;
  readonly input: unknown;
  /** Of the Idempotency-Key header. */
  readonly key?: string;
}

/** The caller of an operation has given up. */
export interface CancelFrame {
  readonly id: number;
  readonly cancel: true;
}

/** How a call ended: its output, or the problem (RFC 9457) that stands for a refusal. */
export type AnswerFrame =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly problem: ReturnType<HoldfastError['toProblem']> };

/** Whoever answers asks to be called somewhere else: no call shall follow, and the caller ends the line. */
export interface ByeFrame {
  readonly bye: true;
}

export type FromCaller = CallFrame | CancelFrame;
export type FromCallee = AnswerFrame | ByeFrame;

/**
 * Reads frames, one JSON text on a line each, from a connection that was upgraded; `head` is what came with the upgrade.
 * What is no such frame, or over `maxChars`, ends the connection.
 */
export const readFrames = <F>(
  socket: Duplex,
  head: Buffer,
  onFrame: (frame: F) => void,
  maxChars = MAX_ANSWER_CHARS,
): void => {
  let parts: string[] = [];
  let chars = 0;
  const take = (text: string): void => {
    const frame = JSON.parse(text) as F | null;
    if (typeof frame !== 'object' || frame === null) throw new Error('a frame is an object');
    onFrame(frame);
  };
  const read = (text: string): void => {
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      const last = text.slice(from, end);
      const whole = parts.length === 0 ? last : parts.join('') + last;
      parts = [];
      chars = 0;
      from = end + 1;
      take(whole);
    }
    if (from === text.length) return;
    parts.push(from === 0 ? text : text.slice(from));
    chars += text.length - from;
    if (chars > maxChars) throw new Error('a frame is too long');
  };
  // A server's socket may not be given an encoding of its own.
  const decoder = new StringDecoder('utf8');
  if (head.length > 0) socket.unshift(head);
  socket.on('data', (bytes: Buffer) => {
    try {
      read(decoder.write(bytes));
    } catch (error) {
      socket.destroy(error as Error);
    }
  });
};

/** Throws for what is no JSON, and for what whoever reads would end the line for. */
export const textOfFrame = (frame: FromCallee | CancelFrame): string => {
  const text = JSON.stringify(frame);
  if (text.length > MAX_ANSWER_CHARS) throw new Error('an answer is too long for a line');
  return `${text}\n`;
};

export const writeFrame = (socket: Duplex, frame: FromCallee | CancelFrame): void =>
  void socket.write(textOfFrame(frame));
