// The one service of this bench: the same under every supervisor.
import { createServer } from 'node:http';

/** A server that answers `GET /health` with its name and pid, and everything else with a short text. */
export const createHealthServer = (name) =>
  createServer((request, response) => {
    if (request.url !== '/health') {
      response.end('ok\n');
      return;
    }
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ status: 'ok', kernel: name, pid: process.pid }));
  });
