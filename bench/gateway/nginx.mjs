// nginx as the peer: the same port-to-port job, keep-alive on both sides, nothing logged; with a token, it also checks
// that and counts against a limit that is never reached.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** The program, from PATH or where Debian puts it; undefined when there is none. */
export const findNginx = () =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
    .map((folder) => join(folder, 'nginx'))
    .find((file) => existsSync(file));

const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
};

/** What the gateway does for each request beside passing it on, as far as nginx knows it. */
const duties = (token) => ({
  http: `
  map $http_authorization $known { default 0; "Bearer ${token}" 1; }
  limit_req_zone $http_authorization zone=callers:10m rate=1000000r/s;`,
  location: `
      if ($known = 0) { return 401; }
      limit_req zone=callers burst=1000000 nodelay;`,
});
const noDuties = { http: '', location: '' };

const config = (folder, port, backendPort, { http, location }) => `
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log error;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  keepalive_requests 100000000;${http}
  upstream backend { server 127.0.0.1:${backendPort}; keepalive 256; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port};
    location / {${location}
      proxy_pass http://backend;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
    }
  }
}
`;

const answers = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.unref();
    setTimeout(() => socket.destroy(), 200).unref();
  });

/** Starts nginx with one worker, like the one gateway process; resolves when it answers. */
export const startNginx = async (program, folder, backendPort, token) => {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, config(folder, port, backendPort, token ? duties(token) : noDuties));
  const child = spawn(program, ['-c', file, '-p', folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (let tries = 0; !(await answers(port)); tries += 1) {
    if (child.exitCode !== null || tries > 100) throw new Error('nginx did not start');
    await delay(50);
  }
  return { child, port, version: spawnSync(program, ['-v']).stderr.toString().trim() };
};
