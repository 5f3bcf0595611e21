import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, createHttpTransport } from '@holdfast/client';
import {
  kernelPrincipal,
  policyApi,
  type PolicyRequest,
  type PolicyVerdict,
} from '@holdfast/contracts';
import {
  dispatch,
  internalHeaders,
  openCallLine,
  type CallLine,
  type KernelHost,
} from '@holdfast/sdk';
import { createWorld, testProfile, type World } from '@holdfast/testkit';
import { definePolicyEngine } from '../../kernels/governance/policy_engine/kernel.ts';
import { decideBy } from '../../kernels/governance/policy_engine/decisions/verdict.ts';
import { requireSet } from '../../kernels/governance/policy_engine/sets/check-set.ts';
import { bundleProgram } from '../lib/bundle-program.ts';
import { loadHttp } from '../lib/http-load.ts';
import { startKernelProcess, type KernelProcess } from '../lib/kernel-process.ts';
import { cpuMs, timed } from '../lib/processor-time.ts';
import { median, percentile, report } from '../lib/report.ts';
import { openCedarFloor, type CedarFloor } from './fixture/cedar-floor.ts';
import {
  policyFiles,
  policyRequests,
  SET_NAMES,
  STATEMENTS,
  type SetName,
} from './fixture/policy-sets.ts';

/**
 * How many decisions about changes a second does the policy engine take with 1,000 policies: the evaluation alone, the
 * operation as it is called within a process (input checked, decision recorded in SQLite), and the kernel's process over
 * HTTP. Each round of these stands beside one of the floors: Cedar's own evaluator over the same policies, parsed
 * beforehand, with questions made beforehand, and a bare HTTP server that decides nothing. Before anything counts, all are asked the same and must say the same.
 */
const ROUNDS = 5;
const REQUESTS = 5_000;
const SAMPLE = 600;
const ALONE_MS = 500;
const HTTP_SECONDS = 1;
const CONNECTIONS = 32;
/** Calls that arrive together within a process. */
const TOGETHER = 32;
const GOAL = { atLeast: 5_000 };

const governance = kernelPrincipal('governance');
const requests = policyRequests(REQUESTS);
const never = new AbortController().signal;

/** Decisions a second: by the clock, and by the processor time of the process that decides. */
interface Rate {
  readonly wall: number;
  readonly cpu: number;
}

type Way = 'cedar' | 'alone' | 'op' | 'line' | 'http' | 'bare';

/** A process that answers over HTTP. */
type Served = Pick<KernelProcess, 'pid' | 'port'>;

const rateOf = (count: number, wallMs: number, busyMs: number): Rate => ({
  wall: (count / wallMs) * 1_000,
  cpu: (count / busyMs) * 1_000,
});

const aloneFor = async (decide: (n: number) => unknown): Promise<Rate> => {
  const {
    result,
    wallMs,
    cpuMs: busyMs,
  } = await timed(() => {
    const endsAt = performance.now() + ALONE_MS;
    let n = 0;
    while (performance.now() < endsAt) decide(n++ % REQUESTS);
    return n;
  });
  return rateOf(result, wallMs, busyMs);
};

const callOp = (host: KernelHost, request: PolicyRequest): Promise<PolicyVerdict> =>
  dispatch(
    host,
    'decidePolicies',
    { request },
    { principal: governance, signal: never },
  ) as Promise<PolicyVerdict>;

const opFor = async (host: KernelHost): Promise<Rate> => {
  const {
    result,
    wallMs,
    cpuMs: busyMs,
  } = await timed(async () => {
    const endsAt = performance.now() + ALONE_MS;
    let n = 0;
    while (performance.now() < endsAt) {
      const some = Array.from({ length: TOGETHER }, () => requests[n++ % REQUESTS]!);
      await Promise.all(some.map((request) => callOp(host, request)));
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    return n;
  });
  return rateOf(result, wallMs, busyMs);
};

const httpFor = async (to: Served, bytes: readonly Buffer[]) => {
  const before = cpuMs(to.pid);
  const load = { port: to.port, connections: CONNECTIONS, seconds: HTTP_SECONDS, requests: bytes };
  const { answers, times } = await loadHttp(load);
  return { rate: rateOf(answers, HTTP_SECONDS * 1_000, cpuMs(to.pid) - before), times };
};

/** As governance asks: over one line, with as many questions under way as there are connections over HTTP. */
const lineFor = async (to: Served, line: CallLine, texts: readonly string[]) => {
  const before = cpuMs(to.pid);
  const endsAt = performance.now() + HTTP_SECONDS * 1_000;
  const times: number[] = [];
  let asked = 0;
  const ask = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      const began = performance.now();
      await line.call({ op: 'decidePolicies', input: texts[asked++ % texts.length]! }, () => {});
      times.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, ask));
  return { rate: rateOf(times.length, HTTP_SECONDS * 1_000, cpuMs(to.pid) - before), times };
};

const lineTo = async ({ port }: Served, secret: string): Promise<CallLine> => {
  const headers = internalHeaders(secret, governance);
  const line = await openCallLine(`http://127.0.0.1:${port}`, headers);
  if (line === undefined) throw new Error('the kernel opens no line');
  return line;
};

const wire = (port: number, secret: string): Buffer[] => {
  const own = { host: `127.0.0.1:${port}`, 'content-type': 'application/json' };
  return requests.map((request) => {
    const body = JSON.stringify({ request });
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    const headers = { ...own, ...internalHeaders(secret, governance), ...length };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return Buffer.from(`POST /policy/decide HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
  });
};

/** All ways to the same answer: throws where one says something else than Cedar. */
const compare = async (
  floor: CedarFloor,
  ways: Readonly<Record<string, (request: PolicyRequest) => Promise<PolicyVerdict>>>,
): Promise<number> => {
  let allowed = 0;
  for (let n = 0; n < SAMPLE; n += 1) {
    const said = floor.decide(n);
    for (const [way, decide] of Object.entries(ways)) {
      const verdict = await decide(requests[n]!);
      const got = { allowed: verdict.allowed, determining: verdict.determining.toSorted() };
      if (JSON.stringify(got) !== JSON.stringify(said))
        throw new Error(
          `${way} says ${JSON.stringify(verdict)} and Cedar ${JSON.stringify(said)} about ${JSON.stringify(requests[n])}`,
        );
    }
    if (said.allowed) allowed += 1;
  }
  if (allowed === 0 || allowed === SAMPLE) throw new Error('all answers are the same');
  return allowed;
};

const measure = async (
  name: SetName,
  world: World,
  kernel: Served,
  bare: Served,
  secret: string,
) => {
  const host = world.host('policy_engine');
  const set = await requireSet(await policyFiles(name), new Date().toISOString());
  if (set.statements.length !== STATEMENTS)
    throw new Error(`${set.statements.length} statements, expected ${STATEMENTS}`);
  const floor = await openCedarFloor(set, requests);
  const overHttp = createClient(
    policyApi,
    createHttpTransport({
      baseUrl: () => `http://127.0.0.1:${kernel.port}`,
      headers: () => internalHeaders(secret, governance),
    }),
  );
  const line = await lineTo(kernel, secret);
  const allowed = await compare(floor, {
    'the evaluation': async (request) => decideBy(set, request, 1),
    'the operation': (request) => callOp(host, request),
    'the kernel over HTTP': (request) => overHttp.decidePolicies({ request }),
    'the kernel over a line': (request) =>
      line.call(
        { op: 'decidePolicies', input: JSON.stringify({ request }) },
        () => {},
      ) as Promise<PolicyVerdict>,
  });

  const rates: Record<Way, Rate[]> = { cedar: [], alone: [], op: [], line: [], http: [], bare: [] };
  const times: number[] = [];
  const lineTimes: number[] = [];
  const texts = requests.map((request) => JSON.stringify({ request }));
  const bytes = wire(kernel.port, secret);
  for (let round = -1; round < ROUNDS; round += 1) {
    const cedar = await aloneFor(floor.decide);
    const alone = await aloneFor((n) => decideBy(set, requests[n]!, 1));
    const op = await opFor(host);
    const overLine = await lineFor(kernel, line, texts);
    const http = await httpFor(kernel, bytes);
    const bareHttp = await httpFor(bare, bytes);
    // The first round only warms up.
    if (round < 0) continue;
    rates.cedar.push(cedar);
    rates.alone.push(alone);
    rates.op.push(op);
    rates.line.push(overLine.rate);
    lineTimes.push(...overLine.times);
    rates.http.push(http.rate);
    rates.bare.push(bareHttp.rate);
    times.push(...http.times);
  }

  line.leave();
  const wall = (of: Way) => median(rates[of].map((rate) => rate.wall));
  const cpu = (of: Way) => median(rates[of].map((rate) => rate.cpu));
  const ratio = (of: Way, to: Way) =>
    median(rates[of].map((rate, n) => rate.cpu / rates[to][n]!.cpu));
  const goal = name === 'usual' ? { goal: GOAL } : {};
  report(`Decisions with ${STATEMENTS} policies, ${name} ones; ${allowed} of ${SAMPLE} allowed`, [
    { what: 'the evaluation alone', value: wall('alone'), unit: '/s', ...goal },
    { what: '  a second of processor time', value: cpu('alone'), unit: '/s' },
    { what: 'the operation, recorded', value: wall('op'), unit: '/s', ...goal },
    { what: '  a second of processor time', value: cpu('op'), unit: '/s', ...goal },
    { what: `a line, ${CONNECTIONS} at once`, value: wall('line'), unit: '/s', ...goal },
    { what: '  a second of processor time', value: cpu('line'), unit: '/s', ...goal },
    { what: '  p50', value: percentile(lineTimes, 0.5), unit: 'ms' },
    { what: '  p99', value: percentile(lineTimes, 0.99), unit: 'ms' },
    { what: `HTTP, ${CONNECTIONS} connections`, value: wall('http'), unit: '/s' },
    { what: '  a second of processor time', value: cpu('http'), unit: '/s' },
    { what: '  p50', value: percentile(times, 0.5), unit: 'ms' },
    { what: '  p99', value: percentile(times, 0.99), unit: 'ms' },
    { what: 'floor: Cedar, parsed beforehand', value: wall('cedar'), unit: '/s' },
    { what: '  a second of processor time', value: cpu('cedar'), unit: '/s' },
    { what: 'floor: bare node:http that parses the question', value: wall('bare'), unit: '/s' },
    { what: '  a second of processor time', value: cpu('bare'), unit: '/s' },
    { what: 'the evaluation against Cedar', value: ratio('alone', 'cedar'), unit: 'x' },
    { what: 'the operation against Cedar', value: ratio('op', 'cedar'), unit: 'x' },
    { what: 'HTTP against Cedar within a process', value: ratio('http', 'cedar'), unit: 'x' },
    { what: 'HTTP against bare node:http', value: ratio('http', 'bare'), unit: 'x' },
  ]);
};

/** Every decision asked for within this process is in the store: throws otherwise. */
const checkRecorded = (host: KernelHost): void => {
  const lost = host.instance
    .metrics?.()
    .find((line) => line.startsWith('holdfast_policy_decisions_lost_total'));
  if (lost?.split(' ')[1] !== '0') throw new Error(`decisions were lost: ${lost}`);
};

const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-decisions-'));
const secret = randomBytes(32).toString('hex');
const noHosts = { listHosts: () => ({ items: [], total: 0, next_cursor: null }) };
const bare = fork(await bundleProgram('bench/gate/fixture/bare-server.ts'));
try {
  const [port] = (await once(bare, 'message')) as [number];
  const program = await bundleProgram('bench/gate/fixture/policy-kernel.ts');
  for (const name of SET_NAMES) {
    const home = join(folder, name);
    const started = await startKernelProcess({
      name: 'policy_engine',
      program,
      args: [name],
      profile: testProfile(),
      home,
      secret,
    });
    const world = await createWorld({
      kernels: [definePolicyEngine(() => policyFiles(name))],
      doubles: { infrastructure_manager: noHosts },
      home: join(home, 'world'),
    });
    try {
      await measure(name, world, started, { pid: bare.pid!, port }, secret);
      checkRecorded(world.host('policy_engine'));
    } finally {
      await world.close();
      await started.stop();
    }
  }
} finally {
  bare.disconnect();
  rmSync(folder, { recursive: true, force: true });
}
