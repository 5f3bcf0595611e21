import { createServer } from 'node:http';

/**
 * A kernel as a process: serves on the socket that comes with the first message and says `ready`. On the next message
 * it closes as Node closes, kept connections first, and leaves when the last answer is out.
 */
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    setImmediate(() => {
      const text = JSON.stringify({ pid: process.pid });
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': text.length,
      });
      response.end(text);
    });
  });
});

process.once('message', (_message, handle) => {
  server.listen(handle, () => {
    process.once('message', () => server.close(() => process.exit()));
    process.send?.('ready');
  });
});
