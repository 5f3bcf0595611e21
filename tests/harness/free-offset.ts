import { createServer } from 'node:net';
import { GATEWAY_PORT, KERNEL_TABLE } from '@holdfast/contracts';

const canBind = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

const PORTS = [GATEWAY_PORT, ...KERNEL_TABLE.map((row) => row.port)];
const FIRST = 2_000;
const STEP = 200;
const PLACES = 110;

/** A port offset at which no port of a stack is taken now. Tests start at different places, by pid. */
export const freeOffset = async (): Promise<number> => {
  for (let turn = 0; turn < PLACES; turn += 1) {
    const offset = FIRST + ((process.pid + turn) % PLACES) * STEP;
    const free = await Promise.all(PORTS.map((port) => canBind(port + offset)));
    if (free.every(Boolean)) return offset;
  }
  throw new Error('no free range of ports');
};
