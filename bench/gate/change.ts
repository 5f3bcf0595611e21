import { Agent } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, createHttpTransport } from '@holdfast/client';
import { governanceApi, guardianApi, isTerminal, type Change } from '@holdfast/contracts';
import { copyProduct } from '../../tests/harness/product-copy.ts';
import { configWith } from '../../tests/harness/quick-config.ts';
import { createStack } from '../../tests/harness/stack.ts';
import { bundleProgram } from '../lib/bundle-program.ts';
import { cpuMs } from '../lib/processor-time.ts';
import { percentile, report } from '../lib/report.ts';
import { startBareChange } from './fixture/bare-change.ts';

/**
 * A low-risk change end to end, from the call that proposes it to `done`, on a whole stack of real processes whose
 * driver does nothing, one after the other from the first one after the start: the engine of a fresh process still
 * interprets most of its code, so the first ones are told apart. Then what a thousand changes that wait for an approval cost while nobody comes.
 */
const FRESH = 200;
const CHANGES = 2_000;
/** So many changes have one bare one between them. */
const PER_FLOOR = 10;
const WAITING = 1_000;
const IDLE_MS = 15_000;

const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-gate-'));
const root = join(folder, 'product');
copyProduct(root);
const owner = join(root, 'dist', 'kernels', 'infrastructure_manager.js');
rmSync(owner);
await bundleProgram('bench/gate/fixture/no-op-owner.ts', owner);
const config = configWith(join(folder, 'config'), {
  watch_s: 0,
  local: false,
  rate_limit_rps: 100_000,
  max_open_changes: 100_000,
  max_changes_per_hour: 100_000,
  approval_from_risk: 'medium',
});
const stack = await createStack({
  root,
  home: join(folder, 'home'),
  env: { HOLDFAST_CONFIG_DIR: config },
});

try {
  const up = await stack.up();
  if (up.code !== 0) throw new Error(`${up.stdout}${up.stderr}`);
  const agent = new Agent({ keepAlive: true });
  const transport = createHttpTransport({
    baseUrl: () => stack.url,
    headers: () => ({ authorization: `Bearer ${stack.token()}` }),
    agent,
  });
  const api = createClient(governanceApi, transport);
  const guardian = createClient(guardianApi, transport);

  const propose = (n: number, risky: boolean): Promise<Change> =>
    api.proposeChange({
      kind: 'packages.repair',
      target: { host: `host-${n}` },
      intent: risky ? { risky } : {},
    });
  const untilDone = async (first: Change): Promise<Change> => {
    let change = first;
    while (!isTerminal(change.state))
      change = await api.getChange({ id: change.id, until: 'end', wait_ms: 20_000 });
    return change;
  };

  const times: number[] = [];
  const floors: number[] = [];
  const bare = await startBareChange(folder);
  for (let n = 0; n < CHANGES; n += 1) {
    const started = performance.now();
    const change = await untilDone(await propose(n, false));
    if (change.state !== 'done') throw new Error(JSON.stringify(change.reasons));
    times.push(performance.now() - started);
    if (n % PER_FLOOR === 0) {
      const begun = performance.now();
      await bare.once();
      floors.push(performance.now() - begun);
    }
  }
  bare.close();
  const about = (what: string, some: readonly number[], goals: [number, number] | []) => {
    const goal = (atMost: number | undefined) => (atMost === undefined ? {} : { goal: { atMost } });
    return [
      { what: `${what}, p50`, value: percentile(some, 0.5), unit: 'ms', ...goal(goals[0]) },
      { what: `${what}, p99`, value: percentile(some, 0.99), unit: 'ms', ...goal(goals[1]) },
    ];
  };
  const late = times.slice(-CHANGES / 2);
  report(`${CHANGES} low-risk changes one after the other, driver does nothing`, [
    ...about(`the first ${FRESH} after the start`, times.slice(0, FRESH), []),
    ...about('all', times, [15, 60]),
    ...about('the second half', late, [15, 60]),
    ...about('floor: the same calls and writes by bare node', floors, []),
    {
      what: 'the second half against the floor, p50',
      value: percentile(late, 0.5) / percentile(floors.slice(-floors.length / 2), 0.5),
      unit: 'x',
    },
  ]);

  const waiting: Change[] = [];
  for (let n = 0; n < WAITING; n += 1) waiting.push(await propose(100_000 + n, true));
  for (const { id } of waiting) {
    let change = await api.getChange({ id });
    while (change.state !== 'waiting')
      change = await api.getChange({ id, after_version: change.version, wait_ms: 20_000 });
  }
  const status = await guardian.getGuardianStatus({});
  const pids = ['governance', 'workflow_engine', 'policy_engine'].map((name) => ({
    name,
    pid: status.kernels.find((one) => one.name === name)!.pid!,
  }));
  const before = pids.map(({ pid }) => cpuMs(pid));
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  report(
    `Processor time while ${WAITING} changes wait for an approval, of ${IDLE_MS / 1000} s`,
    pids.map(({ name, pid }, index) => ({
      what: name,
      value: cpuMs(pid) - before[index]!,
      unit: 'ms',
    })),
  );
  agent.destroy();
} finally {
  await stack.destroy();
  rmSync(folder, { recursive: true, force: true });
}
