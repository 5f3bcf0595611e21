import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  isTerminal,
  type BusEvent,
  type Change,
  type LedgerEntry,
  type LogVerification,
} from '@holdfast/contracts';
import { missingVenv } from '@holdfast/testkit/fixtures';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDemoEnvironment, type DemoEnvironment } from '../harness/demo-environment.ts';
import { patiently } from '../harness/patiently.ts';
import { configWith } from '../harness/quick-config.ts';
import { killHard, runningProcesses } from '../harness/running-processes.ts';
import { createSeeded } from '../harness/seeded.ts';
import { createStack, type Stack } from '../harness/stack.ts';

const ROUNDS = Number(process.env['HOLDFAST_CHAOS_ROUNDS'] ?? 25);
const KILLS_A_ROUND = 2;
const SEED = Number(process.env['HOLDFAST_CHAOS_SEED'] ?? 20_261_121);
const LONGEST_DELAY_MS = 3_000;
const SETTLE_MS = 120_000;
const VICTIMS = [
  'keeper',
  'guardian',
  'gateway',
  'agent',
  'message_bus',
  'immutable_log',
  'infrastructure_manager',
  'governance',
  'workflow_engine',
];

const noVenv = missingVenv();
const title = `kill -9 of any process at any moment, ${ROUNDS * KILLS_A_ROUND} times (HOLDFAST_CHAOS_SEED=${SEED})`;

/** What the venv really holds, read from its files. */
const installed = (venv: string, name: string): string | undefined => {
  const lib = join(venv, 'lib');
  const site = join(
    lib,
    readdirSync(lib).find((dir) => dir.startsWith('python'))!,
    'site-packages',
  );
  const found = readdirSync(site).find(
    (dir) => dir.startsWith(`${name}-`) && dir.endsWith('.dist-info'),
  );
  return found?.slice(name.length + 1, -'.dist-info'.length);
};

describe.skipIf(noVenv !== undefined)(`${title}${noVenv ? ` (SKIPPED: ${noVenv})` : ''}`, () => {
  const random = createSeeded(SEED);
  const acknowledged: string[] = [];
  const outcomes = new Map<string, number>();
  let kills = 0;
  let folder: string;
  let stack: Stack;
  let demo: DemoEnvironment;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-chaos-'));
    const config = configWith(join(folder, 'config'), { watch_s: 0 });
    stack = await createStack({ env: { HOLDFAST_CONFIG_DIR: config } });
    demo = await createDemoEnvironment(join(stack.home, 'demo'));
    Object.assign(stack.env, demo.env);
    const done = [
      await stack.up(),
      await stack.cli('baseline', 'set', '--from', demo.manifests, '--env', demo.venv),
    ];
    for (const { code, stderr } of done) if (code !== 0) throw new Error(stderr);
  });
  afterAll(async () => {
    await stack.destroy();
    await demo.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const breakSomething = async (): Promise<void> => {
    const name = random.pick(['holdfast-demo-a', 'holdfast-demo-b']);
    const how = random.pick([
      ['install', '--quiet', '--no-deps', `${name}==2.0.0`],
      ['uninstall', '--yes', '--quiet', name],
    ]);
    const done = await demo.pip(...how);
    if (done.code !== 0) throw new Error(`breaking the venv failed: ${done.stderr}`);
  };

  /** Kills one process at a random moment; whatever it is, the others bring it back. */
  const strike = async (): Promise<string> => {
    const victim = random.pick(VICTIMS);
    const delay = random.below(LONGEST_DELAY_MS);
    await new Promise((resolve) => setTimeout(resolve, delay));
    const find = async () =>
      (await runningProcesses(stack.home)).find((one) => one.name === victim);
    // One that was killed a moment ago may still be on its way back.
    await expect.poll(async () => Boolean(await find()), { timeout: 30_000 }).toBe(true);
    if (await killHard((await find())!)) kills += 1;
    return `${victim} after ${delay} ms`;
  };

  const settle = async (id: string): Promise<Change> => {
    const deadline = Date.now() + SETTLE_MS;
    for (;;) {
      const change = await patiently(() => stack.governance.getChange({ id }));
      if (isTerminal(change.state)) return change;
      if (Date.now() > deadline)
        throw new Error(`${id} is still ${change.state}: ${JSON.stringify(change.reasons)}`);
      await patiently(() =>
        stack.governance.getChange({ id, after_version: change.version, wait_ms: 2_000 }),
      );
    }
  };

  for (let round = 1; round <= ROUNDS; round += 1) {
    test(`round ${round}`, async () => {
      await breakSomething();
      const input = { kind: 'packages.repair', target: { host: 'local' } } as const;
      const key = `round-${round}`;
      const proposing = patiently(() =>
        stack.governance.proposeChange(input, { idempotencyKey: key }),
      );
      const strikes = async (): Promise<string> => {
        const told: string[] = [];
        for (let kill = 0; kill < KILLS_A_ROUND; kill += 1) told.push(await strike());
        return told.join(', then ');
      };
      const [change, what] = await Promise.all([proposing, strikes()]);
      acknowledged.push(change.id);
      const again = await patiently(() =>
        stack.governance.proposeChange(input, { idempotencyKey: key }),
      );
      expect(again.id, what).toBe(change.id);
      const settled = await settle(change.id);
      outcomes.set(settled.state, (outcomes.get(settled.state) ?? 0) + 1);
      const versions = [
        installed(demo.venv, 'holdfast_demo_a'),
        installed(demo.venv, 'holdfast_demo_b'),
      ];
      const atBaseline =
        versions[0] === '1.1.0' && versions[1] !== undefined && versions[1].startsWith('1.');
      expect(
        atBaseline,
        `${what}: ${settled.state} ${JSON.stringify(settled.reasons)} with ${versions.join(', ')}`,
      ).toBe(settled.state === 'done');
      for (const step of settled.steps)
        expect(['succeeded', 'failed', 'undone', 'pending', 'skipped'], what).toContain(step.state);
    });
  }

  const allPages = async <T>(
    page: (cursor?: string) => Promise<{ items: T[]; next_cursor: string | null }>,
  ): Promise<T[]> => {
    const items: T[] = [];
    for (let cursor: string | undefined; ;) {
      const answer = await page(cursor);
      items.push(...answer.items);
      if (answer.next_cursor === null) return items;
      cursor = answer.next_cursor;
    }
  };

  test('nothing that was acknowledged is lost, no event is missing or doubled in the ledger', async () => {
    console.log(`  ${kills} kills, outcomes: ${JSON.stringify(Object.fromEntries(outcomes))}`);
    expect(kills).toBeGreaterThanOrEqual(ROUNDS * KILLS_A_ROUND - 2);
    const changes = await allPages<Change>((cursor) =>
      stack.governance.listChanges({ limit: 500, ...(cursor ? { cursor } : {}) }),
    );
    for (const id of acknowledged) expect(changes.some((change) => change.id === id)).toBe(true);
    expect(new Set(acknowledged).size).toBe(ROUNDS);

    const events = await allPages<BusEvent>((cursor) =>
      stack.bus.listEvents({ limit: 1000, ...(cursor ? { cursor } : {}) }),
    );
    const readLedger = () =>
      allPages<LedgerEntry>((cursor) =>
        stack.log.listEntries({ limit: 1000, order: 'asc', ...(cursor ? { cursor } : {}) }),
      );
    await expect
      .poll(async () => (await readLedger()).length, { timeout: 30_000 })
      .toBeGreaterThanOrEqual(events.length);
    const entries = (await readLedger()).map((entry) => entry.id);
    expect(entries.slice(0, events.length)).toEqual(events.map((item) => item.event.id));
    expect(new Set(entries).size).toBe(entries.length);
    for (const id of acknowledged) {
      const own = events
        .filter((item) => item.event.correlationid === id)
        .map((item) => item.event.type);
      expect(own.filter((type) => type === 'change.proposed')).toHaveLength(1);
      expect(own.filter((type) => type === 'change.finished').length).toBeLessThanOrEqual(1);
    }
  });

  test('the ledger is whole', async () => {
    const verified = await stack.cli('log', 'verify', '--json');
    expect(verified.json<LogVerification>()).toMatchObject({ ok: true, problems: [] });
  });
});
