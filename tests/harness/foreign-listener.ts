import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A program that nobody here supervises and that holds a port. */
export interface ForeignListener {
  readonly pid: number;
  alive(): boolean;
  stop(): Promise<void>;
}

const PROGRAM = `
const server = require('node:http').createServer((_, response) => response.end('mine'));
server.listen(Number(process.argv[1]), '127.0.0.1', () => process.stdout.write('listening\\n'));
`;

export const startForeignListener = async (port: number): Promise<ForeignListener> => {
  const child: ChildProcess = spawn(process.execPath, ['-e', PROGRAM, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  await Promise.race([
    once(child.stdout!, 'data'),
    exited.then(() => Promise.reject(new Error(`nobody could take port ${port}`))),
  ]);
  return {
    pid: child.pid!,
    alive: () => child.exitCode === null && child.signalCode === null,
    async stop() {
      child.kill('SIGKILL');
      await exited;
    },
  };
};
