// The one backend behind both proxies: a bare node:http server that answers a small JSON list.
import { createServer } from 'node:http';

const body = Buffer.from(
  JSON.stringify({
    items: [{ id: 'local', status: 'online', os: 'linux', cpus: 2 }],
    total: 1,
    next_cursor: null,
  }),
);
const head = { 'content-type': 'application/json', 'content-length': body.length };

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  request.resume();
  response.writeHead(200, head).end(body);
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit(0));
