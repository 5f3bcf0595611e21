import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

/** Connects to a port without pause until told to stop; counts how each attempt ended. */
export const hammer = (
  port: number,
): { stop(): Promise<{ refused: number; connected: number }> } => {
  let running = true;
  const seen = { refused: 0, connected: 0 };
  const once = (): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        seen.connected += 1;
        socket.destroy();
        resolve();
      });
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED') seen.refused += 1;
        resolve();
      });
    });
  const loop = (async () => {
    while (running) {
      await once();
      await turn();
    }
  })();
  return {
    async stop() {
      running = false;
      await loop;
      return seen;
    },
  };
};
