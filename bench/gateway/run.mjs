// The gateway with authentication against nginx without, in front of the same backend, in turns in the same run.
// Usage: node bench/gateway/run.mjs [--seconds 5] [--rounds 3] [--connections 64]
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildGateway } from './build-gateway.mjs';
import { startGateway } from './fixture-guardian.mjs';
import { hasWrk, load } from './load.mjs';
import { findNginx, startNginx } from './nginx.mjs';

const GOAL = 0.55;
const TICKS_PER_SECOND = 100;
const WARM_UP_S = 2;
const PATH = '/api/infrastructure/hosts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '64' },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const connections = Number(values.connections);

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
const round = (number, digits = 0) => number.toFixed(digits);

/** Proportional set size in MB; undefined where the system does not tell. */
const memoryOf = (pid) => {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+)/m.exec(text)[1]) / 1024;
  } catch {
    return undefined;
  }
};

/** CPU time of a process so far, in seconds; 0 where the system does not tell: proc(5). */
const cpuSeconds = (pid) => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
};
const pidsOf = (child) => {
  try {
    const text = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'latin1');
    return [child.pid, ...text.trim().split(' ').filter(Boolean)];
  } catch {
    return [child.pid];
  }
};
const cpuOf = (child) => pidsOf(child).reduce((sum, pid) => sum + cpuSeconds(pid), 0);

const token = randomBytes(24).toString('base64url');
const job = (port, time) => ({
  url: `http://127.0.0.1:${port}${PATH}`,
  token,
  connections,
  seconds: time,
});

const measure = async (contender, time) => {
  const before = cpuOf(contender.child);
  const result = await load(job(contender.port, time));
  const cpu_us = ((cpuOf(contender.child) - before) * 1e6) / (result.rps * time);
  return { ...result, cpu_us };
};

const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-gateway-'));
const children = [];
const stop = async (child) => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
};

try {
  const backend = fork(fileURLToPath(new URL('./backend.mjs', import.meta.url)));
  children.push(backend);
  const [{ port: backendPort }] = await once(backend, 'message');
  const gateway = await startGateway(await buildGateway(folder), backendPort, token);
  children.push(gateway.child);
  const idleMb = memoryOf(gateway.child.pid);
  const program = findNginx();
  const nginx = program && (await startNginx(program, join(folder, 'nginx'), backendPort));
  if (nginx) children.push(nginx.child);
  else
    console.error(
      'NOT MEASURED: nginx is not installed, so there is no ratio (Debian: apt-get install nginx)',
    );

  const contenders = [
    { name: 'backend alone', child: backend, port: backendPort, results: [] },
    ...(nginx
      ? [{ name: 'nginx, no authentication', child: nginx.child, port: nginx.port, results: [] }]
      : []),
    { name: 'gateway, authentication on', child: gateway.child, port: gateway.port, results: [] },
  ];
  for (const { port } of contenders) await load(job(port, WARM_UP_S));
  for (let turn = 0; turn < rounds; turn += 1)
    for (const one of contenders) one.results.push(await measure(one, seconds));

  console.log(
    `node ${process.version}, ${cpus().length} CPUs, ${connections} connections, ${rounds} x ${seconds} s each,` +
      ` load by ${hasWrk() ? 'wrk' : 'load-worker.mjs'}${nginx ? `, ${nginx.version}` : ''}; medians`,
  );
  console.log(
    '| | requests/s | p50 ms | p99 ms | CPU us a request | failed |\n|---|---|---|---|---|---|',
  );
  for (const { name, results } of contenders) {
    const of = (key) => median(results.map((result) => result[key]));
    const failed = results.reduce((sum, result) => sum + result.failed, 0);
    console.log(
      `| ${name} | ${round(of('rps'))} | ${round(of('p50'), 2)} | ${round(of('p99'), 2)} | ${round(of('cpu_us'), 1)} | ${failed} |`,
    );
  }
  if (idleMb !== undefined)
    console.log(
      `gateway memory: ${round(idleMb)} MB PSS idle, ${round(memoryOf(gateway.child.pid))} MB after`,
    );
  if (nginx) {
    const pairs = contenders
      .at(-1)
      .results.map((result, turn) => result.rps / contenders.at(-2).results[turn].rps);
    const ratio = median(pairs);
    console.log(
      `gateway / nginx: ${round(ratio, 2)} (by round: ${pairs.map((pair) => round(pair, 2)).join(', ')}), goal ${GOAL}`,
    );
    if (ratio < GOAL) process.exitCode = 1;
  }
} finally {
  for (const child of children.reverse()) await stop(child);
  rmSync(folder, { recursive: true, force: true });
}
