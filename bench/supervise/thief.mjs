// Tries to bind a port without pause until it has it, keeps it then, and answers nobody. Ends with its channel.
import { createServer } from 'node:net';

const attempt = (port) => {
  const server = createServer((socket) => socket.destroy());
  server.once('error', () => setImmediate(attempt, port));
  server.listen(port, '127.0.0.1', () => process.send({ type: 'stolen' }));
};

process.on('message', ({ port }) => {
  process.send({ type: 'trying' });
  attempt(port);
});
process.on('disconnect', () => process.exit(0));
