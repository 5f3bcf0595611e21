import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, type PostgresServer } from '@holdfast/testkit/postgres-server';
import pg from 'pg';
import { bundleProgram } from '../lib/bundle-program.ts';
import { installPeer } from '../lib/install-peer.ts';
import { familyCpuMs } from '../lib/processor-time.ts';
import { median, percentile, report, type Figure } from '../lib/report.ts';
import { MOST_TOGETHER, STEPS, type Order, type Outcome } from './durable/contender.ts';

/**
 * What does a durable job of five steps cost, none of which does anything: our workflow engine on SQLite and on
 * PostgreSQL, once with the kernels around it as functions in its process (what the peers have) and once as it runs in a
 * stack, beside DBOS and pg-boss on the same PostgreSQL server. Contenders take turns in each round; ratios are medians
 * over the rounds.
 */
const ROUNDS = 5;
const ONE_BY_ONE: Order = { jobs: 30, together: 1 };
const MANY: Order = { jobs: 160, together: MOST_TOGETHER };
const DIRECTORY = 'bench/gate/durable';

interface Measured {
  readonly outcome: Outcome;
  /** Of the database server, in ms. */
  readonly serverMs: number;
  readonly commits: number;
}

interface Contender {
  readonly name: string;
  readonly child: ChildProcess;
  readonly onServer: boolean;
  readonly single: Measured[];
  readonly many: Measured[];
}

const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-durable-'));
const contenders: Contender[] = [];

const next = (child: ChildProcess, name: string): Promise<{ readonly outcome?: Outcome }> =>
  new Promise((resolve, reject) => {
    const left = (code: number | null) => reject(new Error(`${name} ended with ${code}`));
    child.once('exit', left);
    child.once('message', (message) => {
      child.off('exit', left);
      resolve(message as { outcome?: Outcome });
    });
  });

const enter = async (
  name: string,
  program: string,
  args: readonly string[],
  onServer: boolean,
): Promise<void> => {
  const bundle = await bundleProgram(`${DIRECTORY}/${program}.ts`);
  const child = fork(bundle, [...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // What a peer still uses of its own dependencies is not the question.
    execArgv: ['--no-deprecation'],
  });
  contenders.push({ name, child, onServer, single: [], many: [] });
  await next(child, name);
};

/** Transactions that wrote something so far, this one not counted: each takes the next number. */
const transactions = async (client: pg.Client): Promise<number> => {
  const sql = 'SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next';
  const { rows } = await client.query<{ next: string }>(sql);
  return Number(rows[0]!.next);
};

const measure = async (
  { name, child, onServer }: Contender,
  order: Order,
  server: PostgresServer | undefined,
  client: pg.Client | undefined,
): Promise<Measured> => {
  const before = client && (await transactions(client));
  const serverBefore = server ? familyCpuMs(server.pid()) : 0;
  const answer = next(child, name);
  child.send(order);
  const { outcome } = await answer;
  const serverMs = server ? familyCpuMs(server.pid()) - serverBefore : 0;
  const commits =
    outcome!.commits ?? (onServer && client ? (await transactions(client)) - before! : Number.NaN);
  return { outcome: outcome!, serverMs: onServer ? serverMs : 0, commits };
};

const newDatabase = async (
  server: PostgresServer,
  client: pg.Client,
  name: string,
): Promise<string> => {
  await client.query(`CREATE DATABASE ${name}`);
  return server.url.replace(/[^/]+$/, name);
};

/** Nothing here counts unless a commit on the server means that it is on the disk. */
const checkDurable = async (client: pg.Client): Promise<void> => {
  for (const setting of ['fsync', 'synchronous_commit']) {
    const { rows } = await client.query<Record<string, string>>(`SHOW ${setting}`);
    if (rows[0]?.[setting] !== 'on') throw new Error(`${setting} is not on`);
  }
};

const enterPeers = async (server: PostgresServer, client: pg.Client): Promise<void> => {
  const peers = [
    { name: 'DBOS', package: '@dbos-inc/dbos-sdk', range: '5', program: 'dbos' },
    { name: 'pg-boss', package: 'pg-boss', range: '10', program: 'pg-boss' },
  ];
  for (const peer of peers) {
    const installed = installPeer(join(folder, peer.program), peer.package, peer.range);
    if (!installed) {
      console.log(`NOT MEASURED: ${peer.name} could not be installed from the package registry`);
      continue;
    }
    const url = await newDatabase(server, client, peer.program.replace('-', '_'));
    const args = [installed.manifest, url];
    await enter(`${peer.name} ${installed.version}, PostgreSQL`, peer.program, args, true);
  }
};

const enterOurs = async (server: PostgresServer | undefined, client: pg.Client | undefined) => {
  const engine = await bundleProgram('kernels/execution/workflow_engine/main.ts');
  const home = (name: string) => join(folder, name);
  await enter('ours, SQLite', 'holdfast-alone', [home('alone')], false);
  await enter('ours over HTTP, SQLite', 'holdfast-served', [engine, home('served')], false);
  if (!server || !client) return;
  const alone = await newDatabase(server, client, 'alone');
  const served = await newDatabase(server, client, 'served');
  await enter('ours, PostgreSQL', 'holdfast-alone', [home('alone-pg'), alone], true);
  const args = [engine, home('served-pg'), served];
  await enter('ours over HTTP, PostgreSQL', 'holdfast-served', args, true);
};

/** Durable writes of one small row, one after another: ms each. */
const floors = async (client: pg.Client | undefined): Promise<Figure[]> => {
  const times = async (count: number, write: () => unknown): Promise<number> => {
    const all: number[] = [];
    for (let n = 0; n < count; n += 1) {
      const started = performance.now();
      await write();
      all.push(performance.now() - started);
    }
    return median(all);
  };
  const file = openSync(join(folder, 'floor'), 'w');
  const disk = await times(300, () => {
    writeSync(file, Buffer.alloc(512, 1));
    fdatasyncSync(file);
  });
  closeSync(file);
  const figures = [{ what: 'write + fdatasync on this disk, p50', value: disk, unit: 'ms' }];
  if (!client) return figures;
  await client.query('CREATE TABLE floor (n INTEGER)');
  const commit = await times(300, () => client.query('INSERT INTO floor VALUES (1)'));
  return [...figures, { what: 'INSERT of one row on PostgreSQL, p50', value: commit, unit: 'ms' }];
};

const perJob = (all: readonly Measured[], of: (one: Measured) => number): number =>
  median(all.map((one) => of(one) / one.outcome.times.length));
const p50 = ({ outcome }: Measured): number => percentile(outcome.times, 0.5);
const rate = ({ outcome }: Measured): number => (outcome.times.length / outcome.wallMs) * 1_000;
const busy = ({ outcome, serverMs }: Measured): number => outcome.cpuMs + serverMs;

const say = ({ name, single, many }: Contender): void => {
  const { calls } = single[0]!.outcome;
  const names = Object.entries(calls).map(
    ([call, count]) => `${call} ${(count / ONE_BY_ONE.jobs).toFixed(1)}`,
  );
  const times = single.flatMap(({ outcome }) => outcome.times);
  const commits = perJob(single, (one) => one.commits);
  report(`A durable job of ${STEPS} steps: ${name}`, [
    { what: 'one at a time, p50', value: percentile(times, 0.5), unit: 'ms' },
    { what: 'one at a time, p99', value: percentile(times, 0.99), unit: 'ms' },
    { what: '  processor time, the database too', value: perJob(single, busy), unit: 'ms a job' },
    { what: `${MANY.together} at a time`, value: median(many.map(rate)), unit: 'jobs/s' },
    { what: '  processor time, the database too', value: perJob(many, busy), unit: 'ms a job' },
    ...(Number.isNaN(commits)
      ? []
      : [
          { what: 'commits, one at a time', value: commits, unit: 'a job' },
          {
            what: `commits, ${MANY.together} at a time`,
            value: perJob(many, (one) => one.commits),
            unit: 'a job',
          },
        ]),
  ]);
  if (names.length > 0) console.log(`  calls to other kernels a job: ${names.join(', ')}`);
};

const compare = (ours: Contender, peer: Contender): Figure[] => {
  const ratio = (of: (one: Contender, round: number) => number) =>
    median(ours.single.map((_, round) => of(ours, round) / of(peer, round)));
  return [
    { what: 'p50 of one', value: ratio((one, n) => p50(one.single[n]!)), unit: 'x' },
    { what: 'jobs/s', value: ratio((one, n) => rate(one.many[n]!)), unit: 'x' },
    {
      what: 'processor time a job',
      value: ratio((one, n) => busy(one.many[n]!) / one.many[n]!.outcome.times.length),
      unit: 'x',
    },
  ];
};

const server = await startPostgres();
if (!server) console.log('NOT MEASURED: PostgreSQL and the peers on it, for want of a server');
const client = server && new pg.Client({ connectionString: server.url });
try {
  await client?.connect();
  if (client) await checkDurable(client);
  await enterOurs(server, client);
  if (server && client) await enterPeers(server, client);
  const before = await floors(client);
  for (let round = -1; round < ROUNDS; round += 1)
    for (const contender of contenders) {
      const single = await measure(contender, ONE_BY_ONE, server, client);
      const many = await measure(contender, MANY, server, client);
      // The first round only warms up.
      if (round < 0) continue;
      contender.single.push(single);
      contender.many.push(many);
    }
  report('Floors of a durable write', before);
  for (const contender of contenders) say(contender);
  const isOurs = ({ name }: Contender) => name.startsWith('ours');
  for (const peer of contenders.filter((one) => !isOurs(one)))
    for (const ours of contenders.filter(isOurs))
      report(`${ours.name} against ${peer.name}`, compare(ours, peer));
} finally {
  for (const { child } of contenders) if (child.connected) child.disconnect();
  await Promise.all(
    contenders.map(({ child }) =>
      child.exitCode === null
        ? new Promise<void>((resolve) => child.once('exit', () => resolve()))
        : undefined,
    ),
  );
  await client?.end();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
