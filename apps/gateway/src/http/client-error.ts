import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { HoldfastError, PROBLEM_TYPE, type ErrorCode } from '@holdfast/contracts';
import { answerOn } from './answering-socket.ts';

/** By the code that Node's parser or its timers give. */
const refusals: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'head_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/**
 * Refuses what could not be read as a request at all, and ends the connection: nothing after it can be trusted to
 * begin where a request begins (RFC 9112 section 2.2).
 */
export const refuseUnreadable = (error: NodeJS.ErrnoException, socket: Duplex): void => {
  // Inside an answer that has begun, a refusal would be taken for a part of it. Node's own handler asks the same way.
  const answering = answerOn(socket);
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  // The request was refused by its head already, and its body is as bad: that refusal is the answer.
  if (answering?.writableEnded === true) {
    socket.end();
    return;
  }
  if (answering?.headersSent === true) {
    socket.destroy();
    return;
  }
  const refusal = new HoldfastError(refusals[error.code ?? ''] ?? 'malformed_request');
  const problem = refusal.toProblem();
  const text = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nconnection: close\r\ncontent-type: ${PROBLEM_TYPE}\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\nx-content-type-options: nosniff\r\n\r\n${text}`,
  );
};
