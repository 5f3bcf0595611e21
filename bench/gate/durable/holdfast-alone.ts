import { kernelPrincipal, type Event } from '@holdfast/contracts';
import {
  createIds,
  createKernelHost,
  createLogger,
  dispatch,
  systemClock,
  type KernelDefinition,
} from '@holdfast/sdk';
import { openStore, type Store } from '@holdfast/store';
import { workflowEngine } from '../../../kernels/execution/workflow_engine/kernel.ts';
import { serveOrders, type Contender } from './contender.ts';
import { createJobWorld, jobPlan, jobProfile, refuseCall } from './job-world.ts';

/** The workflow engine with the kernels around it as functions in its process. Usage: <home> [database url] */
const [home, databaseUrl] = process.argv.slice(2) as [string, string | undefined];

const open = async (): Promise<Contender> => {
  const { signal } = new AbortController();
  const world = createJobWorld();
  const answers: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    governance: world.governance,
    infrastructure_manager: world.infrastructure,
  };
  let store: Store | undefined;
  const host = await createKernelHost(workflowEngine as unknown as KernelDefinition, {
    profile: jobProfile,
    home,
    killSwitch: false,
    clock: systemClock,
    ids: createIds(systemClock),
    log: createLogger('workflow_engine', 'error'),
    transport: async (api, name, _op, input) => {
      const answer = answers[api.kernel]?.[name] ?? refuseCall(api.kernel);
      return (answer as (given: unknown) => Promise<unknown>)(input);
    },
    openStore: async (migrations, { shared }) =>
      (store = await openStore({
        kernel: 'workflow_engine',
        dir: home,
        databaseUrl,
        shared,
        migrations,
      })),
    publish: (events: Event[]) => world.bus.publishEvents({ events }),
  });
  host.serve();
  const call = { principal: kernelPrincipal('governance'), signal };
  return {
    async job(n) {
      const id = `chg_${n}`;
      const ended = world.ended(id);
      await dispatch(host, 'startRun', { id, plan: jobPlan(id), watch_ms: 0 }, call);
      await ended;
    },
    async results() {
      const sql = "SELECT COUNT(*) AS n FROM journal WHERE kind = 'result'";
      const [row] = await store!.read<{ n: number }>(sql);
      return row!.n;
    },
    calls: world.calls,
    ...(databaseUrl === undefined && { commits: () => store!.stats().batches }),
    close: () => host.stop(),
  };
};

await serveOrders(open());
