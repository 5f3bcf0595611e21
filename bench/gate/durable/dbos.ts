import { createRequire } from 'node:module';
import { OUTCOME, serveOrders, STEPS, type Contender } from './contender.ts';

/** DBOS Transact in its own process, with its defaults. Usage: <package.json beside its node_modules> <database url> */
const [manifest, systemDatabaseUrl] = process.argv.slice(2) as [string, string];

/** What is used of `@dbos-inc/dbos-sdk`. */
interface Dbos {
  setConfig(config: object): void;
  registerWorkflow<R>(work: (n: number) => Promise<R>, options: object): (n: number) => Promise<R>;
  runStep<R>(work: () => Promise<R>, options: object): Promise<R>;
  launch(): Promise<void>;
  shutdown(): Promise<void>;
  listWorkflows(filter: object): Promise<readonly unknown[]>;
}

const open = async (): Promise<Contender> => {
  const { DBOS } = createRequire(manifest)('@dbos-inc/dbos-sdk') as { DBOS: Dbos };
  DBOS.setConfig({ name: 'bench', systemDatabaseUrl, logLevel: 'error' });
  const job = DBOS.registerWorkflow(
    async () => {
      for (let step = 0; step < STEPS; step += 1)
        await DBOS.runStep(async () => OUTCOME, { name: `step-${step}` });
    },
    { name: 'job' },
  );
  await DBOS.launch();
  return {
    job: async (n) => void (await job(n)),
    async results() {
      const done = await DBOS.listWorkflows({ workflowName: 'job', status: 'SUCCESS' });
      return done.length * STEPS;
    },
    close: () => DBOS.shutdown(),
  };
};

await serveOrders(open());
