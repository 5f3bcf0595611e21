import { connect } from 'node:net';

/** What a connection attempt came to: `open`, or the code of its error (`ECONNREFUSED`, ...). */
export const tryConnect = (port: number, host = '127.0.0.1', limitMs = 5_000): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect({ port, host });
    const timer = setTimeout(() => finish('TIMED_OUT'), limitMs);
    const finish = (how: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(how);
    };
    socket.once('connect', () => finish('open'));
    socket.once('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
  });
