import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  GATEWAY_PORT,
  KERNEL_TABLE,
  type Assignment,
  type Change,
  type Drift,
  type GuardianStatus,
  type LogVerification,
} from '@holdfast/contracts';
import { missingVenv } from '@holdfast/testkit/fixtures';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDemoEnvironment, type DemoEnvironment } from '../harness/demo-environment.ts';
import { createStack, type Stack } from '../harness/stack.ts';

const noVenv = missingVenv();

/** A zombie waits for its parent only: it runs no more. */
const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** The story of the README, on real processes, a real venv and a real node project. */
describe.skipIf(noVenv !== undefined)(
  `the story of one real change${noVenv ? ` (SKIPPED: ${noVenv})` : ''}`,
  () => {
    let stack: Stack;
    let demo: DemoEnvironment;
    let repaired: Change;

    beforeAll(async () => {
      stack = await createStack();
      demo = await createDemoEnvironment(join(stack.home, 'demo'));
      Object.assign(stack.env, demo.env);
    });
    afterAll(async () => {
      await stack.destroy();
      await demo.close();
    });

    test('up returns when everything answers', async () => {
      const up = await stack.up();
      expect(up.stderr).toBe('');
      expect(up.code).toBe(0);
      const status = up.json<GuardianStatus>();
      expect(status.state).toBe('running');
      const health = await stack.gateway.getHealth({});
      expect(health).toMatchObject({ status: 'ok', profile: 'user', failed_components: [] });
      expect(await stack.gateway.getHealthz({})).toMatchObject({ ok: true, seal: false });
    });

    test('a second stack in the same home is refused by name', async () => {
      const second = await stack.up();
      expect(second.code).toBe(1);
      expect(second.stderr).toContain('already_running');
    });

    test('this machine is a host with its true facts and the coverage of each scan', async () => {
      await expect
        .poll(async () => (await stack.infrastructure.listHosts({})).items[0]?.agent.connected, {
          timeout: 30_000,
        })
        .toBe(true);
      await expect
        .poll(async () => (await stack.infrastructure.getHost({ id: 'local' })).facts, {
          timeout: 30_000,
        })
        .not.toBeNull();
      const host = await stack.infrastructure.getHost({ id: 'local' });
      expect(host.hostname.toLowerCase()).toBe(hostname().toLowerCase());
      expect(host.facts!.cpus.count).toBeGreaterThan(0);
      expect(host.facts!.memory.total_bytes).toBeGreaterThan(1e8);
      await stack.cli('scan', '--host', 'local');
      const { inventories } = await stack.infrastructure.getInventory({ id: 'local' });
      expect(new Set(inventories.map((item) => item.manager))).toEqual(
        new Set(['pip', 'npm', 'apt']),
      );
      for (const item of inventories)
        expect(['complete', 'partial', 'failed', 'absent']).toContain(item.coverage.status);
    });

    test('a baseline is refused for the system interpreter and taken for a venv and a project', async () => {
      const wrong = await stack.cli(
        'baseline',
        'set',
        '--host',
        'local',
        '--from',
        demo.manifests,
        '--env',
        '/usr',
        '--json',
      );
      expect(wrong.code).toBe(1);
      expect(wrong.stderr).toContain('environment_not_isolated');
      const set = await stack.cli(
        'baseline',
        'set',
        '--host',
        'local',
        '--from',
        demo.manifests,
        '--env',
        demo.venv,
        '--env',
        demo.project,
        '--json',
      );
      expect(set.stderr).toBe('');
      expect(set.code).toBe(0);
      const scan = await stack.cli('scan', '--host', 'local', '--json');
      expect(scan.json<Drift>()).toMatchObject({ status: 'in_sync', entries: [] });
    });

    test('what somebody broke is found, and published as one event', async () => {
      expect((await demo.pip('install', '--quiet', 'holdfast-demo-a==2.0.0')).code).toBe(0);
      expect((await demo.pip('uninstall', '--yes', '--quiet', 'holdfast-demo-b')).code).toBe(0);
      expect(
        (await demo.npm('install', '--no-save', '--no-audit', 'holdfast-demo-x@2.0.0')).code,
      ).toBe(0);
      const scan = await stack.cli('scan', '--json');
      const drift = scan.json<Drift>();
      expect(drift.status).toBe('drift');
      const found = drift.entries.map((entry) => [
        entry.manager,
        entry.package,
        entry.expected,
        entry.actual,
      ]);
      expect(found).toContainEqual(['pip', 'holdfast-demo-a', '==1.1.0', '2.0.0']);
      expect(found).toContainEqual(['pip', 'holdfast-demo-b', expect.any(String), 'not_installed']);
      expect(found).toContainEqual(['npm', 'holdfast-demo-x', '^1.0.0', '2.0.0']);
      await stack.cli('scan', '--json');
      const events = await stack.bus.listEvents({ type: 'infrastructure.dependency.drift' });
      expect(events.items).toHaveLength(1);
      expect(
        events.items[0]!.event.data['entries'] ?? events.items[0]!.event.data['drift_details'],
      ).toHaveLength(3);
    });

    test('the kill switch refuses the repair with exit 2, and the refusal is in the ledger', async () => {
      expect((await stack.cli('freeze', '--reason', 'exam')).code).toBe(0);
      const refused = await stack.cli('propose', 'repair', '--host', 'local', '--json');
      expect(refused.code).toBe(2);
      const change = refused.json<Change>();
      expect(change.state).toBe('blocked');
      expect(change.reasons[0]?.code).toBe('kill_switch');
      await expect
        .poll(
          async () =>
            (await stack.log.listEntries({ correlation: change.id })).items
              .map((item) => JSON.stringify(item.event.data))
              .join(),
          { timeout: 10_000 },
        )
        .toContain('kill_switch');
      expect((await stack.cli('unfreeze')).code).toBe(0);
    });

    test('the repair is planned, verified, applied for real and seen to work', async () => {
      const proposed = await stack.cli('propose', 'repair', '--host', 'local', '--json');
      expect(proposed.stderr).toContain('done');
      expect(proposed.code).toBe(0);
      repaired = proposed.json<Change>();
      expect(repaired).toMatchObject({ state: 'done', risk: 'medium', kind: 'packages.repair' });
      expect(repaired.plan!.steps.every((step) => step.inverse !== null)).toBe(true);
      expect(repaired.steps.every((step) => step.state === 'succeeded')).toBe(true);
      expect(await demo.pipVersion('holdfast-demo-a')).toBe('1.1.0');
      expect(await demo.pipVersion('holdfast-demo-b')).toBe('1.1.0');
      const manifest = JSON.parse(
        readFileSync(join(demo.project, 'node_modules/holdfast-demo-x/package.json'), 'utf8'),
      ) as { version: string };
      expect(manifest.version).toBe('1.1.0');
      expect((await stack.cli('drift', '--json')).json<Drift>().status).toBe('in_sync');
    });

    test('the change is told in words, and can be undone by a new change', async () => {
      const shown = await stack.cli('changes', 'show', repaired.id);
      expect(shown.stdout).toContain('holdfast-demo-a');
      expect(shown.stdout).toContain('done');
      const list = (await stack.cli('changes', '--json')).json<{
        items: Change[];
        total: number;
        next_cursor: null;
      }>();
      expect(list.items.map((change) => change.id)).toContain(repaired.id);
      expect(list.total).toBe(2);
    });

    test('the ledger verifies offline, proves an entry, and shows where it was edited', async () => {
      const verified = await stack.cli('log', 'verify', '--json');
      const whole = verified.json<LogVerification>();
      expect(whole).toMatchObject({ ok: true, problems: [] });
      expect(verified.code).toBe(0);
      expect(whole.entries).toBeGreaterThan(10);
      const file = join(stack.home, 'proof.json');
      expect((await stack.cli('log', 'prove', repaired.id, '--out', file)).code).toBe(0);
      const checked = await stack.cli('log', 'check', file, '--json');
      expect(checked.json()).toMatchObject({ ok: true, trusted: true });
      const forged = readFileSync(file, 'utf8').replace('governance', 'governense');
      writeFileSync(file, forged);
      expect((await stack.cli('log', 'check', file)).code).toBe(1);
    });

    test('down leaves no process and no open port, and the record is still whole', async () => {
      const before = await stack.processes();
      const down = await stack.down();
      expect(down.code).toBe(0);
      for (const { pid } of before) expect(isRunning(pid!)).toBe(false);
      const ports = [GATEWAY_PORT, ...KERNEL_TABLE.map((row) => row.port)].map(
        (port) => port + stack.offset,
      );
      expect((await Promise.all(ports.map(answers))).includes(true)).toBe(false);
      const verified = await stack.cli('log', 'verify', '--json');
      expect(verified.json<LogVerification>().ok).toBe(true);
    });

    test('a restart finds everything where it was', async () => {
      expect((await stack.up()).code).toBe(0);
      expect(await stack.governance.getChange({ id: repaired.id })).toMatchObject({
        state: 'done',
      });
      const kernels = (await stack.cli('kernels', '--json')).json<{ items: Assignment[] }>();
      expect(kernels.items.filter((item) => item.status === 'healthy')).toHaveLength(6);
    });
  },
);
