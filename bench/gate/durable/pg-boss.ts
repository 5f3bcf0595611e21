import { createRequire } from 'node:module';
import { MOST_TOGETHER, OUTCOME, serveOrders, STEPS, type Contender } from './contender.ts';

/**
 * pg-boss in its own process, with its defaults: a queue, so a job of several steps is a chain of jobs, each of which
 * hands the next one what it did before it is completed. Jobs are fetched by hand: its own workers ask twice a second at
 * most. Usage: <package.json beside its node_modules> <database url>
 */
const [manifest, connectionString] = process.argv.slice(2) as [string, string];

interface Link {
  readonly n: number;
  readonly step: number;
  readonly before: string | null;
}

/** What is used of `pg-boss`. */
interface Boss {
  on(event: 'error', listener: (error: Error) => void): void;
  start(): Promise<unknown>;
  stop(options: object): Promise<void>;
  createQueue(name: string): Promise<void>;
  send(name: string, data: Link): Promise<string | null>;
  fetch(name: string): Promise<readonly { readonly id: string; readonly data: Link }[]>;
  complete(name: string, id: string, data: object): Promise<unknown>;
  getDb(): { executeSql(sql: string): Promise<{ readonly rows: readonly { n: number }[] }> };
}

const COMPLETED = `SELECT COUNT(*)::int AS n FROM pgboss.job
  WHERE state = 'completed' AND name LIKE 'steps-%'`;

const open = async (): Promise<Contender> => {
  const loaded = createRequire(manifest)('pg-boss') as new (options: object) => Boss;
  const boss = new loaded({ connectionString });
  boss.on('error', (error) => {
    throw error;
  });
  await boss.start();
  // A job under way has a queue of its own, so that there is always something to fetch.
  const free: string[] = [];
  for (let number = 1; number <= MOST_TOGETHER; number += 1) {
    await boss.createQueue(`steps-${number}`);
    free.push(`steps-${number}`);
  }

  const carryOut = async (queue: string): Promise<void> => {
    const [link] = await boss.fetch(queue);
    if (!link) throw new Error('nothing to fetch');
    const { n, step } = link.data;
    if (step + 1 < STEPS) await boss.send(queue, { n, step: step + 1, before: OUTCOME });
    await boss.complete(queue, link.id, { outcome: OUTCOME });
  };
  return {
    async job(n) {
      const queue = free.pop()!;
      await boss.send(queue, { n, step: 0, before: null });
      for (let step = 0; step < STEPS; step += 1) await carryOut(queue);
      free.push(queue);
    },
    async results() {
      const { rows } = await boss.getDb().executeSql(COMPLETED);
      return rows[0]!.n;
    },
    close: () => boss.stop({ graceful: false }),
  };
};

await serveOrders(open());
