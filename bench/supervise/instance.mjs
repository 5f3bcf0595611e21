// One private instance of a supervisor over its services, from its start to the end of everything that it started.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ask } from './probe.mjs';
import { endAll, family, programName } from './processes.mjs';

const START_LIMIT_MS = 60_000;
const LOOK_AGAIN_MS = 10;
const GRACE_MS = 10_000;
/** Below the range from which Linux takes ports for outgoing connections: a probe must not get a port under test. */
const FIRST_OFFSET = 3_000;
const OFFSET_STEP = 200;
const OFFSETS = 100;

const isFree = async (port) => {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
};

const findOffset = async (ports) => {
  for (let step = 0; step < OFFSETS; step += 1) {
    const offset = FIRST_OFFSET + step * OFFSET_STEP;
    const free = await Promise.all(ports.map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
  throw new Error('no free ports');
};

/** Resolves with the pid of each service, by name, as soon as all answer. */
const untilAllAnswer = async (services, from) => {
  const pids = new Map();
  while (pids.size < services.length) {
    if (performance.now() - from > START_LIMIT_MS) {
      const missing = services.filter(({ name }) => !pids.has(name)).map(({ name }) => name);
      throw new Error(`no answer from ${missing.join(', ')} after ${START_LIMIT_MS} ms`);
    }
    const waiting = services.filter(({ name }) => !pids.has(name));
    const answers = await Promise.all(waiting.map(({ port }) => ask(port, START_LIMIT_MS)));
    answers.forEach(({ pid }, at) => pid !== undefined && pids.set(waiting[at].name, pid));
    if (pids.size < services.length) await delay(LOOK_AGAIN_MS);
  }
  return pids;
};

/**
 * Starts `count` services under a supervisor: the gateway's name first, then kernels in the order of the table. Throws
 * when not all of them answer in time, with nothing left behind. `began` is given what ends the instance, before it starts.
 */
export const startInstance = async ({ adapter, found, bench, count, began }) => {
  const { gatewayPort, kernels } = bench.table;
  const rows = [{ name: 'gateway', port: gatewayPort }, ...kernels].slice(0, count);
  const offset = await findOffset(rows.map(({ port }) => port));
  const folder = mkdtempSync(join(bench.scratch, 'run-'));
  mkdirSync(join(folder, 'programs'));
  const services = rows.map(({ id, name, port }) => {
    const program = join(folder, 'programs', `${name}.mjs`);
    copyFileSync(bench.peerService, program);
    return { id, name, port: port + offset, program };
  });
  const supervisor = adapter.prepare({ folder, services, offset, found });
  const members = () => family(supervisor.roots(), folder);

  const stop = async () => {
    const before = members();
    await supervisor.stop();
    await endAll(before, GRACE_MS);
    await endAll(members(), 0);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  began(stop);
  try {
    const from = performance.now();
    supervisor.start();
    const pids = await untilAllAnswer(services, from);
    const startMs = performance.now() - from;
    await supervisor.started();
    return {
      services,
      pids,
      folder,
      startMs,
      /** The supervisor's own processes, by the name of their program: everything that is not a service. */
      daemons() {
        const own = new Set(pids.values());
        return members().flatMap((one) =>
          own.has(one.pid) ? [] : { ...one, program: programName(one.pid) },
        );
      },
      stop,
    };
  } catch (error) {
    let output = '';
    try {
      output = readFileSync(join(folder, 'output.log'), 'utf8').slice(-500);
    } catch {
      output = '';
    }
    await stop();
    throw new Error(`${error.message}\n${output}`.trimEnd());
  }
};
