// A child that speaks the guardian's protocol and misbehaves on request. The mode is the text of the file beside it
// with `.mode` at the end; it is read once, when the process starts.
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(import.meta.url);
const readMode = () => {
  try {
    return readFileSync(`${file}.mode`, 'utf8').trim();
  } catch {
    return 'healthy';
  }
};
let mode = readMode();
const SHORT = { memory_kernel: 'memory' };

process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
process.on('SIGTERM', () => mode !== 'stubborn' && process.exit(0));
process.on('disconnect', () => mode !== 'stubborn' && mode !== 'orphan' && process.exit(0));
if (mode === 'exit-at-once') process.exit(3);

const note = (init, what) =>
  appendFileSync(
    join(init.home, 'trace.jsonl'),
    `${JSON.stringify({ name: init.name, pid: process.pid, what, at: Date.now(), env: process.env, argv: process.execArgv.concat(process.argv), init })}\n`,
  );

const serve = (init, handle) => {
  const server = createServer((request, response) => {
    if (request.url === '/ports') return response.end(JSON.stringify(init.ports));
    if (request.url.startsWith('/become/')) {
      mode = request.url.slice(8);
      return response.end();
    }
    if (request.url === '/ask-status' || request.url === '/ask-stop') {
      waiting.push(response);
      process.send({ type: 'ask', id: waiting.length - 1, question: request.url.slice(5) });
      return undefined;
    }
    if (request.url === '/api/infrastructure/enrolments') {
      note(init, `enrolment ${request.headers['x-holdfast-secret'] === init.secret}`);
      response.statusCode = 201;
      return response.end(JSON.stringify({ token: 'enrol-once', expires_at: '' }));
    }
    if (request.url === '/health' && mode === 'hang') return undefined;
    const failing = mode === 'failing';
    response.statusCode = failing ? 503 : 200;
    const kernel = mode === 'impostor' ? 'somebody_else' : (SHORT[init.name] ?? init.name);
    const checks = failing ? [{ name: 'disk', ok: false, detail: 'it is full' }] : [];
    return response.end(
      JSON.stringify({ status: failing ? 'failing' : 'ok', kernel, checks, pid: process.pid }),
    );
  });
  server.listen(handle, () => {
    if (mode !== 'never-ready') process.send({ type: 'ready' });
  });
  return server;
};

const waiting = [];
let server;
let current;
process.on('message', (message, handle) => {
  if (message.type === 'init') {
    current = message;
    note(message, 'init');
    if (mode === 'failed') {
      process.send({
        type: 'failed',
        problems: ['config: colour is unknown', 'config: size is missing'],
      });
      process.disconnect();
      process.exitCode = 1;
    } else if (handle === undefined) process.send({ type: 'ready' });
    else server = serve(message, handle);
  }
  if (message.type === 'ports') {
    current.ports = message.ports;
    note(current, 'ports');
  }
  if (message.type === 'reply') waiting[message.id].end(JSON.stringify(message.body));
  if (message.type === 'stop' && mode !== 'stubborn') {
    note(current, 'stop');
    server?.close();
    setImmediate(() => process.exit(0));
  }
});
