// A child that speaks the guardian's protocol and misbehaves on request. The mode is the text of the file beside it
// with `.mode` at the end; it is read once, when the process starts.
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
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
let requests = 0;
const startedAt = Date.now();
let linked = true;
let lastRequest = Date.now();
const idle = () => Date.now() - lastRequest;
const SHORT = { memory_kernel: 'memory' };

process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
process.on('SIGTERM', () => mode !== 'stubborn' && process.exit(0));
process.on('disconnect', () => {
  if (current === undefined || mode === 'leaves') process.exit(0);
  if (mode !== 'stubborn' && mode !== 'orphan') rejoin();
});
if (mode === 'exit-at-once') process.exit(3);

const note = (init, what) =>
  appendFileSync(
    join(init.home, 'trace.jsonl'),
    `${JSON.stringify({ name: init.name, pid: process.pid, what, at: Date.now(), env: process.env, argv: process.execArgv.concat(process.argv), init })}\n`,
  );

const serve = (init, handle) => {
  const server = createServer((request, response) => {
    if (request.url !== '/health') {
      requests += 1;
      lastRequest = Date.now();
    }
    if (request.url === '/profile') return response.end(JSON.stringify(init.profile));
    if (request.url === '/ports') return response.end(JSON.stringify(init.ports));
    if (request.url.startsWith('/become/')) {
      mode = request.url.slice(8);
      return response.end();
    }
    if (request.url.startsWith('/ask/')) {
      if (!linked) return response.destroy();
      waiting.push(response);
      const [, , op, input = ''] = request.url.split('/');
      const principal = { id: 'owner', kind: 'human', role: 'owner' };
      const body = input === '' ? {} : JSON.parse(decodeURIComponent(input));
      link({ type: 'ask', id: waiting.length - 1, op, input: body, principal });
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
let link = (message) => process.connected && process.send(message);

/** Looks for the next guardian until there is one. */
const rejoin = () => {
  linked = false;
  for (const response of waiting) response.destroy();
  const socket = connect(current.controlPath);
  let text = '';
  socket.on('error', () => {});
  socket.on('connect', () => {
    linked = true;
    link = (message) => socket.write(`${JSON.stringify(message)}\n`);
    const { name, secret, restarts, settings } = current;
    const started_at = new Date(startedAt).toISOString();
    const { pid } = process;
    const serving = true;
    link({
      type: 'rejoin',
      protocol: 1,
      name,
      pid,
      secret,
      serving,
      restarts,
      started_at,
      settings,
    });
  });
  socket.setEncoding('utf8').on('data', (piece) => {
    const lines = (text + piece).split('\n');
    text = lines.pop();
    for (const line of lines) receive(JSON.parse(line));
  });
  socket.on('close', () => {
    linked = false;
    setTimeout(rejoin, 20);
  });
};

const receive = (message, handle) => {
  if (message.type === 'init') {
    current = message;
    note(message, 'init');
    const refuses = message.profile.limits.max_hosts === 13 && mode === 'superstitious';
    if (mode === 'failed' || refuses) {
      process.send({
        type: 'failed',
        problems: ['config: colour is unknown', 'config: size is missing'],
      });
      process.disconnect();
      process.exit(1);
    } else if (handle === undefined) process.send({ type: 'ready' });
    else server = serve(message, handle);
  }
  if (message.type === 'ports') {
    current.ports = message.ports;
    note(current, 'ports');
  }
  if (message.type === 'ping' && mode !== 'silent')
    link({ type: 'pong', id: message.id, idle_ms: idle(), requests });
  if (message.type === 'let_go') link({ type: 'let_go_done', id: message.id });
  if (message.type === 'connection') server.emit('connection', handle);
  if (message.type === 'reply')
    waiting[message.id].end(JSON.stringify(message.ok ? message.body : message.problem));
  if (message.type === 'stop' && mode !== 'stubborn') {
    note(current, 'stop');
    server?.close(() => process.exit(0));
    server?.closeIdleConnections();
    if (server === undefined) process.exit(0);
  }
};
process.on('message', receive);
