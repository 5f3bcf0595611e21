// The gateway with authentication and rate limit against nginx, in front of the same backend, in turns in the same run.
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

/** Of the requests of nginx a second, at least; of its 99th percentile, at most. */
const GOAL = { rps: 0.6, p99: 2 };
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
const cpuOf = (children) => children.flatMap(pidsOf).reduce((sum, pid) => sum + cpuSeconds(pid), 0);

const token = randomBytes(24).toString('base64url');
const job = (port, time) => ({
  url: `http://127.0.0.1:${port}${PATH}`,
  token,
  connections,
  seconds: time,
});

const measure = async (contender, time) => {
  const before = cpuOf(contender.children);
  const result = await load(job(contender.port, time));
  const cpu_us = ((cpuOf(contender.children) - before) * 1e6) / (result.rps * time);
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
  const bundle = await buildGateway(folder);
  const startOne = async (processes) => {
    const started = await startGateway(bundle, backendPort, token, processes);
    children.push(...started.children);
    return started;
  };
  const gateway = await startOne(1);
  const idleMb = memoryOf(gateway.children[0].pid);
  const pair = await startOne(2);
  const program = findNginx();
  const peer = async (name, checked) => {
    const started = await startNginx(program, join(folder, name), backendPort, checked);
    children.push(started.child);
    return { ...started, children: [started.child] };
  };
  const nginx = program && (await peer('plain', undefined));
  const dutiful = program && (await peer('checked', token));
  if (!nginx)
    console.error(
      'NOT MEASURED: nginx is not installed, so there is no ratio (Debian: apt-get install nginx)',
    );

  const contender = (name, { children: processes, port }) => ({
    name,
    children: processes,
    port,
    results: [],
  });
  const one = contender('gateway', gateway);
  const two = contender('gateway, two processes', pair);
  const plain = nginx && contender('nginx, no token, no limit', nginx);
  const checked = dutiful && contender('nginx, token and limit', dutiful);
  const contenders = [
    contender('backend alone', { children: [backend], port: backendPort }),
    ...(nginx ? [plain, checked] : []),
    one,
    two,
  ];
  for (const { port } of contenders) await load(job(port, WARM_UP_S));
  for (let turn = 0; turn < rounds; turn += 1)
    for (const each of contenders) each.results.push(await measure(each, seconds));

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
      `gateway memory: ${round(idleMb)} MB PSS idle, ${round(memoryOf(gateway.children[0].pid))} MB after`,
    );
  const share = (mine, theirs, key) =>
    mine.results.map((result, turn) => result[key] / theirs.results[turn][key]);
  for (const [mine, theirs, counts] of nginx
    ? [
        [one, plain, true],
        [one, checked, false],
        [two, plain, false],
      ]
    : []) {
    const rps = share(mine, theirs, 'rps');
    const [ratio, slower] = [median(rps), median(share(mine, theirs, 'p99'))];
    console.log(
      `${mine.name} / ${theirs.name}: ${round(ratio, 2)} of its requests/s (by round: ` +
        `${rps.map((each) => round(each, 2)).join(', ')}), ${round(slower, 2)} of its p99` +
        (counts ? `; goals: at least ${GOAL.rps}, at most ${GOAL.p99}` : ''),
    );
    if (counts && (ratio < GOAL.rps || slower > GOAL.p99)) process.exitCode = 1;
  }
} finally {
  for (const child of children.reverse()) await stop(child);
  rmSync(folder, { recursive: true, force: true });
}
