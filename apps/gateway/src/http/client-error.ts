import type { Duplex } from 'node:stream';
import { PROBLEM_TYPE } from '@holdfast/contracts';

interface Answer {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}

/** The answer that is being written on a server's socket; Node keeps it there without declaring it. */
type AnsweringSocket = Duplex & {
  readonly _httpMessage?: { readonly headersSent: boolean } | null;
};

const malformed: Answer = {
  status: 400,
  title: 'Bad Request',
  detail: 'reading the request: it is not valid HTTP/1.1',
};

/** By the code that Node's parser or its timers give. */
const answers: Readonly<Record<string, Answer>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    title: 'Request Header Fields Too Large',
    detail: 'reading the request head: it is too large',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    title: 'Request Timeout',
    detail: 'reading the request: it was not complete in time',
  },
};

/**
 * Refuses what could not be read as a request at all, and ends the connection: nothing after it can be trusted to
 * begin where a request begins (RFC 9112 section 2.2).
 */
export const refuseUnreadable = (error: NodeJS.ErrnoException, socket: Duplex): void => {
  // Inside an answer that has begun, a refusal would be taken for a part of it. Node's own handler asks the same way.
  const begun = (socket as AnsweringSocket)._httpMessage?.headersSent === true;
  if (error.code === 'ECONNRESET' || !socket.writable || begun) {
    socket.destroy();
    return;
  }
  const { status, title, detail } = answers[error.code ?? ''] ?? malformed;
  const text = JSON.stringify({ type: 'about:blank', title, status, detail });
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nconnection: close\r\ncontent-type: ${PROBLEM_TYPE}\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\nx-content-type-options: nosniff\r\n\r\n${text}`,
  );
};
