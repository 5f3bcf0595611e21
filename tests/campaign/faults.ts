import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { isKernelId, kernelRow, type Change } from '@holdfast/contracts';
import { isSameProcess } from '@holdfast/sdk/process';
import { httpCall } from '../harness/http-call.ts';
import { killHard, type NamedProcess } from '../harness/running-processes.ts';
import { until } from '../harness/until.ts';
import type { CampaignWorld } from './campaign-world.ts';
import { describeFault, type FaultKind, type PlannedFault } from './plan.ts';

/** Does it, and waits until it is healed; resolves with what came of it when that was not what is usual. */
type Fault = (world: CampaignWorld, planned: PlannedFault) => Promise<string | undefined>;

const DISK_FULL_MS = 1_500;
const CLOCK_SEEN_MS = 10_000;
const STARVING_LIMIT_MS = 10_000;
/** Far below what a process of Node has: whatever it asks for next, it does not get. */
const STARVING_BYTES = 1_000_000;
const PATIENCE_MS = 60_000;
const AT_ONCE = 8;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Each outage of a kernel is one incident, found and resolved. */
const expectIncident = async (
  world: CampaignWorld,
  fault: PlannedFault,
  strike: (victim: NamedProcess) => Promise<string | undefined>,
): Promise<string | undefined> => {
  const name = fault.victim!;
  const watched = isKernelId(name);
  const before = watched ? await world.incidentIds(name) : [];
  const victim = await world.find(name);
  const outcome = await strike(victim);
  if (!watched || outcome !== undefined) return outcome;
  const since = async () =>
    (await world.incidents(name)).filter((one) => !before.includes(one.incident_id));
  try {
    await until(
      `an incident of ${name}, resolved`,
      async () => {
        const found = await since();
        return found.length > 0 && found.every((one) => one.resolved_at !== null);
      },
      PATIENCE_MS,
    );
  } catch (error) {
    const told = [(error as Error).message, `it was process ${victim.pid}`, ...world.lastOf(name)];
    world.problems.push(`${describeFault(fault)}: ${told.join('\n    ')}`);
    return undefined;
  }
  const found = await since();
  if (found.length !== 1)
    world.problems.push(`${describeFault(fault)}: ${found.length} incidents for one outage`);
  return undefined;
};

const kill: Fault = (world, fault) =>
  expectIncident(world, fault, async (victim) => {
    await killHard(victim);
    await world.replaced(fault.victim!, victim.pid);
    return undefined;
  });

const stopSignal: Fault = (world, fault) =>
  expectIncident(world, fault, async (victim) => {
    process.kill(victim.pid, 'SIGSTOP');
    await world.replaced(victim.name, victim.pid);
    return undefined;
  });

/** Takes away its memory, and asks it for things until it has to have more. */
const memoryLimit: Fault = (world, fault) =>
  expectIncident(world, fault, async (victim) => {
    const row = (await world.status()).kernels.find((one) => one.name === victim.name)!;
    const limit = (bytes: number | string): void => {
      spawnSync('prlimit', ['--pid', String(victim.pid), `--as=${bytes}`, `--data=${bytes}`]);
    };
    limit(STARVING_BYTES);
    const deadline = performance.now() + STARVING_LIMIT_MS;
    while (await isSameProcess(victim)) {
      if (performance.now() > deadline) {
        limit('unlimited');
        return 'lived on without memory';
      }
      const ask = () => httpCall(`http://127.0.0.1:${row.port}/health`).catch(() => undefined);
      await Promise.all(Array.from({ length: AT_ONCE }, ask));
    }
    await world.replaced(victim.name, victim.pid);
    return undefined;
  });

const tryToBind = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** Kills a kernel and tries to take its port for as long as it is away. */
const portTheft: Fault = (world, fault) =>
  expectIncident(world, fault, async (victim) => {
    const id = victim.name;
    const port = isKernelId(id) ? kernelRow(id).port + world.stack.offset : 0;
    let healed = false;
    let stolen = 0;
    const thief = async (): Promise<void> => {
      while (!healed) {
        if (await tryToBind(port)) stolen += 1;
        await sleep(0);
      }
    };
    await killHard(victim);
    const stealing = thief();
    try {
      await world.replaced(id, victim.pid);
    } finally {
      healed = true;
      await stealing;
    }
    if (stolen > 0)
      world.problems.push(`${describeFault(fault)}: port ${port} taken ${stolen} times`);
    return undefined;
  });

/** Something durable can be done again. */
const writesAgain = (world: CampaignWorld): Promise<Change> =>
  until(
    'a durable write',
    () =>
      world.stack.governance.proposeChange({ kind: 'packages.repair', target: { host: 'local' } }),
    PATIENCE_MS,
  );

const diskFull: Fault = async (world) => {
  world.machine.fillDisk();
  try {
    await sleep(DISK_FULL_MS);
    world.machine.fillDisk();
  } finally {
    world.machine.freeDisk();
  }
  await writesAgain(world);
  await world.whole();
  return undefined;
};

/** How far what the stack writes down is from where its clock was set, ms. */
const clockError = async (world: CampaignWorld, hours: number): Promise<number> => {
  const { created_at } = await writesAgain(world);
  return Date.parse(created_at) - Date.now() - hours * HOUR_MS;
};

const clockJump: Fault = async (world, fault) => {
  world.machine.setClock(fault.hours);
  // Each process looks at its clock file about once in two seconds.
  await until(
    'the stack to live by the other clock',
    async () => Math.abs(await clockError(world, fault.hours)) < MINUTE_MS,
    CLOCK_SEEN_MS,
  );
  await world.whole();
  return undefined;
};

const guardianKilled: Fault = async (world) => {
  const victim = await world.find('guardian');
  await killHard(victim);
  await until(
    'another guardian',
    async () => (await world.status()).pid !== victim.pid,
    PATIENCE_MS,
  );
  return undefined;
};

const keeperKilled: Fault = async (world, fault) => {
  const guardian = await world.find('guardian');
  const victim = await world.find('keeper');
  await killHard(victim);
  await until(
    'another keeper',
    async () => (await world.find('keeper')).pid !== victim.pid,
    PATIENCE_MS,
  );
  if (!(await isSameProcess(guardian)))
    world.problems.push(`${describeFault(fault)}: the guardian went with its keeper`);
  return undefined;
};

export const FAULTS: Readonly<Record<FaultKind, Fault>> = {
  kill,
  stop_signal: stopSignal,
  memory_limit: memoryLimit,
  port_theft: portTheft,
  disk_full: diskFull,
  clock_jump: clockJump,
  guardian_killed: guardianKilled,
  keeper_killed: keeperKilled,
};
