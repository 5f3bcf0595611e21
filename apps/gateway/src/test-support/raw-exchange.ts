import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Opens a connection and sends text as it is; nothing checks it. */
export const sendRaw = async (port: number, text: string): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(text, 'latin1');
  return socket;
};

/** Everything that comes back until the other side closes (a reset counts as closing). */
export const readToEnd = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (piece: string) => (text += piece));
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });

/** One raw request with `connection: close`; the answer as text. */
export const rawExchange = async (port: number, head: string, body = ''): Promise<string> =>
  readToEnd(await sendRaw(port, `${head}\r\nhost: gateway\r\nconnection: close\r\n\r\n${body}`));
