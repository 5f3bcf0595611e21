import type { Socket } from 'node:net';

/** A socket that carries one JSON document a line. */
export interface LineSocket {
  send(message: object): void;
  close(): void;
}

/** Longer lines are no messages of ours. */
const MAX_LINE_CHARS = 4 * 1024 * 1024;

/**
 * Frames a stream socket (a Unix domain socket, or a named pipe) into messages. A line that is no JSON, or too long,
 * ends the connection: whoever writes it is not one of our processes. `closed` is called once.
 */
export const createLineSocket = (
  socket: Socket,
  on: { message(message: unknown): void; closed(): void },
): LineSocket => {
  let text = '';
  const take = (line: string): void => {
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      socket.destroy();
      return;
    }
    on.message(message);
  };
  socket.setEncoding('utf8');
  socket.on('data', (piece: string) => {
    text += piece;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n')) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      if (!socket.destroyed) take(line);
    }
    if (text.length > MAX_LINE_CHARS) socket.destroy();
  });
  socket.on('error', () => socket.destroy());
  socket.once('close', () => on.closed());
  return {
    send: (message) => void (socket.writable && socket.write(`${JSON.stringify(message)}\n`)),
    close: () => void socket.destroy(),
  };
};
