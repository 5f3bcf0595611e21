import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createClient, createHttpTransport, KeptConnections } from '@holdfast/client';
import {
  busApi,
  governanceApi,
  infrastructureApi,
  kernelPrincipal,
  workflowApi,
} from '@holdfast/contracts';
import { internalHeaders } from '@holdfast/sdk';
import { startKernelProcess } from '../../lib/kernel-process.ts';
import { cpuMs } from '../../lib/processor-time.ts';
import { defineStandIn, serveStandIn } from '../../lib/stand-in.ts';
import { serveOrders, STEPS, type Contender } from './contender.ts';
import { createJobWorld, jobPlan, jobProfile } from './job-world.ts';

/**
 * The workflow engine as a process of its own, as it runs in a stack; the kernels around it answer over HTTP from this
 * one. Usage: <program of the engine> <home> [database url]
 */
const [program, home, databaseUrl] = process.argv.slice(2) as [string, string, string | undefined];

const open = async (): Promise<Contender> => {
  const secret = randomBytes(32).toString('hex');
  const world = createJobWorld();
  const dir = join(home, 'stand-ins');
  const governance = await serveStandIn(
    defineStandIn('governance', governanceApi, world.governance),
    dir,
    secret,
  );
  const owner = await serveStandIn(
    defineStandIn('infrastructure_manager', infrastructureApi, world.infrastructure),
    dir,
    secret,
  );
  const bus = await serveStandIn(defineStandIn('message_bus', busApi, world.bus), dir, secret);
  const engine = await startKernelProcess({
    name: 'workflow_engine',
    program,
    profile: jobProfile,
    home,
    secret,
    ...(databaseUrl !== undefined && { databaseUrl }),
    ports: {
      governance: governance.port,
      infrastructure_manager: owner.port,
      message_bus: bus.port,
    },
  });
  const headers = internalHeaders(secret, kernelPrincipal('governance'));
  const api = createClient(
    workflowApi,
    createHttpTransport({
      baseUrl: () => `http://127.0.0.1:${engine.port}`,
      headers: () => headers,
      agent: new KeptConnections(),
    }),
  );
  let jobs = 0;
  return {
    async job(n) {
      const id = `chg_${n}`;
      const ended = world.ended(id);
      await api.startRun({ id, plan: jobPlan(id), watch_ms: 0 });
      await ended;
      jobs += 1;
    },
    async results() {
      const { total } = await api.listRuns({ limit: 1 });
      const { items } = await api.listRuns({ limit: 20 });
      for (const { id, state, steps } of items)
        if (state !== 'done' || steps.some((step) => step.state !== 'succeeded'))
          throw new Error(`run ${id} is ${state}`);
      if (total !== jobs) throw new Error(`${total} runs, expected ${jobs}`);
      return total * STEPS;
    },
    othersCpuMs: () => cpuMs(engine.pid),
    calls: world.calls,
    async close() {
      await engine.stop();
      for (const standIn of [governance, owner, bus]) await standIn.stop();
    },
  };
};

await serveOrders(open());
