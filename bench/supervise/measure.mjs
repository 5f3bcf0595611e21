// What is done to a running instance. Times are in ms.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { untilReplaced } from './probe.mjs';
import { cpuOf, pssMb } from './processes.mjs';

const LIMIT_MS = 15_000;
const CRASH_LOOP_MS = 20_000;
const HANG_ROUNDS = 5;
const HANG_TIMEOUT_MS = 200;
const HANG_PAUSE_MS = 20;
/** Supervisors treat a service that falls right after its start as one that cannot start. */
const SETTLED_MS = 2_000;
const GAP_MS = 500;

/** Memory of the supervisor's own processes in MB: `[{ program, count, mb }]`. */
export const measureMemory = (instance) => {
  const sums = new Map();
  for (const { pid, program } of instance.daemons()) {
    const { count, mb } = sums.get(program) ?? { count: 0, mb: 0 };
    sums.set(program, { count: count + 1, mb: mb + pssMb(pid) });
  }
  return [...sums].map(([program, sum]) => ({ program, ...sum }));
};

const victims = (instance, random) => {
  const since = new Map();
  return {
    async next() {
      await delay(GAP_MS);
      for (;;) {
        const service = instance.services[Math.floor(random() * instance.services.length)];
        if (performance.now() - (since.get(service.name) ?? -Infinity) > SETTLED_MS) return service;
        await delay(1);
      }
    },
    replaced({ name }, pid) {
      instance.pids.set(name, pid);
      since.set(name, performance.now());
    },
  };
};

/** `kill -9` of one random service after the other; `times` of those that came back, `lost` for the others. */
export const measureKills = async (instance, kills, random) => {
  const result = { times: [], refused: 0, broken: 0, lost: 0 };
  const choice = victims(instance, random);
  for (let done = 0; done < kills; done += 1) {
    const service = await choice.next();
    const oldPid = instance.pids.get(service.name);
    const from = performance.now();
    process.kill(oldPid, 'SIGKILL');
    const seen = await untilReplaced({ port: service.port, oldPid, from, limitMs: LIMIT_MS });
    result.refused += seen.refused;
    result.broken += seen.broken;
    if (seen.ms === undefined) result.lost += 1;
    else {
      result.times.push(seen.ms);
      choice.replaced(service, seen.pid);
    }
  }
  return result;
};

/** SIGSTOP of one random service after the other, until one is not noticed. */
export const measureHangs = async (instance, random) => {
  const result = { times: [], unnoticed: 0 };
  const choice = victims(instance, random);
  while (result.times.length < HANG_ROUNDS && result.unnoticed === 0) {
    const service = await choice.next();
    const oldPid = instance.pids.get(service.name);
    const from = performance.now();
    process.kill(oldPid, 'SIGSTOP');
    const seen = await untilReplaced({
      port: service.port,
      oldPid,
      from,
      limitMs: LIMIT_MS,
      timeoutMs: HANG_TIMEOUT_MS,
      pauseMs: HANG_PAUSE_MS,
    });
    if (seen.ms === undefined) {
      result.unnoticed += 1;
      process.kill(oldPid, 'SIGCONT');
    } else {
      result.times.push(seen.ms);
      choice.replaced(service, seen.pid);
    }
  }
  return result;
};

/** `kill -9` while another process tries to bind the port; `cpu` is what the supervisor burnt until it was healed. */
export const measureTheft = async (instance, service) => {
  const thief = fork(fileURLToPath(new URL('./thief.mjs', import.meta.url)));
  let stolen = false;
  thief.on('message', ({ type }) => (stolen ||= type === 'stolen'));
  const trying = once(thief, 'message');
  thief.send({ port: service.port });
  await trying;
  const daemons = instance.daemons();
  const before = cpuOf(daemons);
  const oldPid = instance.pids.get(service.name);
  const from = performance.now();
  process.kill(oldPid, 'SIGKILL');
  const seen = await untilReplaced({
    port: service.port,
    oldPid,
    from,
    limitMs: LIMIT_MS,
    timeoutMs: LIMIT_MS,
    pauseMs: 5,
  });
  const after = cpuOf(daemons);
  const ended = once(thief, 'exit');
  thief.disconnect();
  await ended;
  const cpu = after.own + after.children - before.own - before.children;
  return { stolen, healedMs: seen.ms, cpu };
};

/** A service whose program now ends at once: starts in 20 s, and CPU seconds of the supervisor and of those starts. */
export const measureCrashLoop = async (instance, service) => {
  const count = join(instance.folder, 'crashes');
  writeFileSync(count, '');
  writeFileSync(
    service.program,
    `import { appendFileSync } from 'node:fs';\nappendFileSync(${JSON.stringify(count)}, '.');\nprocess.exit(1);\n`,
  );
  const daemons = instance.daemons();
  const before = cpuOf(daemons);
  process.kill(instance.pids.get(service.name), 'SIGKILL');
  await delay(CRASH_LOOP_MS);
  const after = cpuOf(daemons);
  return {
    starts: readFileSync(count).length,
    cpu: after.own - before.own,
    startsCpu: after.children - before.children,
  };
};
