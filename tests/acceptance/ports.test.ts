import { networkInterfaces } from 'node:os';
import { KERNEL_TABLE, kernelRow, type Assignment, type KernelId } from '@holdfast/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startForeignListener } from '../harness/foreign-listener.ts';
import { httpCall } from '../harness/http-call.ts';
import { canReadProc, holdsListener, isRunning } from '../harness/process-facts.ts';
import { runningProcesses } from '../harness/running-processes.ts';
import { SEED_KERNELS, SHIPPED_KERNELS, ships, unlessShipped } from '../harness/shipped-kernels.ts';
import { createOwnStack } from '../harness/own-stack.ts';
import type { Stack } from '../harness/stack.ts';
import { tryConnect } from '../harness/tcp.ts';
import { until } from '../harness/until.ts';
import { attach, startLive, type LiveStack } from './support/live-stack.ts';

const LIBRARIAN = 'librarian_kernel';
const ALL = unlessShipped(SEED_KERNELS);
const ONLY_LIBRARIAN = unlessShipped([LIBRARIAN]);
const KERNEL_RANGE = Array.from({ length: 50 }, (_, index) => 8100 + index);
const STOP_LIMIT_MS = 15_000;
const SEED_TIERS = { core: 2, governance: 6, execution: 4, agentic: 5, services: 3 };

/** A kernel that no other needs, so that it may be down for a while. */
const VICTIM: KernelId = ships(LIBRARIAN) ? LIBRARIAN : 'workflow_engine';

const ownAddress = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .find((one) => one.family === 'IPv4' && !one.internal)?.address;

interface HealthCheck {
  readonly total_kernels: number;
  readonly healthy: number;
  readonly unhealthy: number;
  readonly failed_components: string[];
}

describe('ports, isolation and the main API of a running stack', () => {
  let live: LiveStack;
  let offset: number;

  const expectListening = async (ids: readonly KernelId[]): Promise<void> => {
    expect((await httpCall(`${live.stack.url}/health`)).status).toBe(200);
    const open: number[] = [];
    for (const port of KERNEL_RANGE)
      if ((await tryConnect(port + offset)) === 'open') open.push(port);
    expect(open).toEqual(ids.map((id) => kernelRow(id).port));
  };

  const expectNamed = async (ids: readonly KernelId[]): Promise<void> => {
    for (const id of ids) {
      const answer = await httpCall(`http://127.0.0.1:${kernelRow(id).port + offset}/health`);
      expect(answer.status).toBe(200);
      expect(answer.json()).toMatchObject({ status: 'ok', kernel: kernelRow(id).name });
    }
  };

  const expectOwnProcesses = async (ids: readonly KernelId[]): Promise<void> => {
    const gateway = (await live.pids())['gateway']!;
    const rows = (await live.kernels()).filter((one) => ids.includes(one.name as KernelId));
    const pids = rows.map((one) => one.pid!);
    expect(rows).toHaveLength(ids.length);
    expect(new Set([...pids, gateway]).size).toBe(ids.length + 1);
    for (const row of rows) {
      expect(isRunning(row.pid!), row.name).toBe(true);
      if (canReadProc) expect(holdsListener(row.pid!, row.port!), row.name).toBe(true);
    }
  };

  const checkNow = (): Promise<HealthCheck> => live.read<HealthCheck>('/kernel-ports/health-check');

  beforeAll(async () => {
    live = await startLive();
    offset = live.stack.offset;
  });
  afterAll(() => live?.stack.destroy());

  test('1: after the start, the main port answers and exactly the ports of the shipped kernels listen', () =>
    expectListening(SHIPPED_KERNELS));
  test.skipIf(ALL)(`1: the twenty ports of the kernel port document listen${ALL}`, () =>
    expectListening(KERNEL_TABLE.map((row) => row.id).filter(ships)),
  );

  test('2: each shipped kernel says on its own port who it is', async () => {
    await expectNamed(SHIPPED_KERNELS);
    for (const id of SHIPPED_KERNELS)
      expect((await live.kernel(id)).health_url).toBe(
        `http://127.0.0.1:${kernelRow(id).port + offset}/health`,
      );
  });
  test.skipIf(ALL)(`2: each of the twenty kernels says who it is${ALL}`, () =>
    expectNamed(SEED_KERNELS),
  );

  test('3: each shipped kernel is a process of its own that listens itself, and none is the main API', () =>
    expectOwnProcesses(SHIPPED_KERNELS));
  test.skipIf(ALL)(`3: the twenty kernels are twenty processes${ALL}`, () =>
    expectOwnProcesses(SEED_KERNELS),
  );

  test.skipIf(!ownAddress)(
    `4: kernel ports are refused on an address that others can reach${ownAddress ? '' : ' (SKIPPED: this machine has none)'}`,
    async () => {
      for (const id of SHIPPED_KERNELS)
        expect(await tryConnect(kernelRow(id).port + offset, ownAddress), id).toBe('ECONNREFUSED');
    },
  );

  test('5: the assignments hold each shipped kernel with its tier, port, pid and start, by port', async () => {
    const answer = await live.read<{
      total: number;
      includes_apis: boolean;
      assignments: Assignment[];
    }>('/kernel-ports/assignments?include_apis=false');
    expect(answer.includes_apis).toBe(false);
    expect(answer.total).toBe(answer.assignments.length);
    const ports = answer.assignments.map((one) => one.port ?? kernelRow(one.name as KernelId).port);
    expect(ports).toEqual(ports.toSorted((a, b) => a - b));
    for (const id of SHIPPED_KERNELS) {
      const { tier, port } = kernelRow(id);
      const row = answer.assignments.find((one) => one.name === id);
      expect(row).toMatchObject({ tier, port: port + offset, status: 'healthy' });
      expect(isRunning(row!.pid!)).toBe(true);
      expect(Date.parse(row!.started_at!)).toBeLessThanOrEqual(Date.now());
    }
    const governance = await live.read<{ total: number; assignments: Assignment[] }>(
      '/kernel-ports/assignments?tier=governance',
    );
    expect(governance.total).toBeGreaterThan(0);
    expect(governance.assignments.every((one) => one.tier === 'governance')).toBe(true);
  });
  test.skipIf(ALL)(`5: the tiers hold two, six, four, five and three kernels${ALL}`, async () => {
    const rows = (await live.kernels()).filter((one) =>
      SEED_KERNELS.includes(one.name as KernelId),
    );
    const found = Object.keys(SEED_TIERS).map((tier) => [
      tier,
      rows.filter((one) => one.tier === tier).length,
    ]);
    expect(Object.fromEntries(found)).toEqual(SEED_TIERS);
  });

  test('6: with everything up, the health check finds every shipped kernel healthy', async () => {
    const found = await until('all healthy', async () => {
      const now = await checkNow();
      return now.healthy === SHIPPED_KERNELS.length && now;
    });
    expect(found).toMatchObject({ unhealthy: 0, failed_components: [] });
    expect(found.total_kernels).toBe(SHIPPED_KERNELS.length);
  });
  test.skipIf(ALL)(`6: the health check counts the twenty kernels as healthy${ALL}`, async () =>
    expect((await checkNow()).healthy).toBeGreaterThanOrEqual(SEED_KERNELS.length),
  );

  test('7: a killed kernel takes nobody with it: other processes keep their pids and keep answering', async () => {
    const { pid } = await live.kernel(VICTIM);
    const before = await live.pids(VICTIM);
    const others = SHIPPED_KERNELS.filter((id) => id !== VICTIM);
    process.kill(pid!, 'SIGKILL');
    const statuses: number[] = [];
    await until('the killed kernel healthy again', async () => {
      const urls = [
        `${live.stack.url}/health`,
        ...others.map((id) => `http://127.0.0.1:${kernelRow(id).port + offset}/health`),
      ];
      for (const url of urls) statuses.push((await httpCall(url)).status);
      const now = await live.kernel(VICTIM);
      return now.status === 'healthy' && now.pid !== pid;
    });
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(await live.pids(VICTIM)).toEqual(before);
  });

  test('8: while a kernel is down, the health check lists it and the main API names what is degraded', async () => {
    const oldPid = await live.takeDown(VICTIM);
    try {
      expect((await checkNow()).failed_components).toContain(VICTIM);
      await until('the main API names it', async () => {
        const health = await httpCall(`${live.stack.url}/health`);
        expect(health.status).toBe(200);
        const body = health.json<{ status: string; failed_components: string[] }>();
        return body.status === 'degraded' && body.failed_components.includes(VICTIM);
      });
    } finally {
      await live.read('/network-healer/resume', { body: { component_name: VICTIM } });
    }
    await live.healed(VICTIM, oldPid);
    expect((await checkNow()).failed_components).toEqual([]);
  });

  test.each(['', '/api'])('9: every route under %s/kernel-ports answers', async (prefix) => {
    const base = `${prefix}/kernel-ports`;
    const map = await live.read<{ kernels: Record<string, number> }>(`${base}/port-map`);
    for (const id of SHIPPED_KERNELS) expect(map.kernels[id]).toBe(kernelRow(id).port + offset);
    for (const id of SHIPPED_KERNELS)
      expect(await live.read(`${base}/port/${id}`)).toMatchObject({ name: id });
    for (const tier of Object.keys(SEED_TIERS))
      expect(await live.read(`${base}/by-tier/${tier}`)).toMatchObject({ tier });
    const totals = { total_kernels: SHIPPED_KERNELS.length };
    for (const path of ['metrics', 'status', 'assignments', 'health-check'])
      expect(Object.keys(await live.read(`${base}/${path}`)).length).toBeGreaterThan(1);
    const metrics = await live.read<typeof totals>(`${base}/metrics`);
    expect(metrics.total_kernels).toBeGreaterThanOrEqual(totals.total_kernels);
    const unknown = await live.call(`${base}/port/nobody`);
    expect([unknown.status, unknown.json()['code']]).toEqual([404, 'component_unknown']);
    const tier = await live.call(`${base}/by-tier/nowhere`);
    expect([tier.status, tier.json()['code']]).toEqual([400, 'tier_unknown']);
  });

  const search = '/search?query=kernel';
  test.skipIf(ONLY_LIBRARIAN)(
    `10: a search gives the same results on the librarian's port and through the main API${ONLY_LIBRARIAN}`,
    async () => {
      const own = await until('something was ingested', async () => {
        const answer = await live.atKernel(LIBRARIAN, search);
        expect(answer.status).toBe(200);
        const { results } = answer.json<{ results: unknown[] }>();
        return results.length > 0 && results;
      });
      const proxied = await live.read<{ results: unknown[] }>(`/librarian${search}`);
      expect(proxied.results).toEqual(own);
    },
  );

  test.skipIf(ONLY_LIBRARIAN)(
    `11: with the librarian down for longer, its routes say so at once and others still answer${ONLY_LIBRARIAN}`,
    async () => {
      const oldPid = await live.takeDown(LIBRARIAN);
      try {
        const refused = await live.call(`/librarian${search}`, { timeoutMs: 5_000 });
        expect(refused.status).toBeGreaterThanOrEqual(500);
        expect(refused.headers['content-type']).toMatch(/^application\/(problem\+)?json/);
        expect(refused.json()['code']).toEqual(expect.any(String));
        expect((await live.call('/api/infrastructure/hosts')).status).toBe(200);
      } finally {
        await live.read('/network-healer/resume', {
          body: { component_name: LIBRARIAN },
        });
      }
      await live.healed(LIBRARIAN, oldPid);
      expect((await live.call(`/librarian${search}`)).status).toBe(200);
    },
  );

  const families = ['/auth/whoami', '/guardian/status', '/kernel-ports/status'];
  test.each([...families, '/network-healer/stats'])(
    '12: %s answers from the main port',
    async (path) => expect((await live.call(path)).status).toBe(200),
  );
  test.skipIf(ONLY_LIBRARIAN)(
    `12: /librarian/search answers from the main port${ONLY_LIBRARIAN}`,
    async () => expect((await live.call(`/librarian${search}`)).status).toBe(200),
  );
  test.skipIf(unlessShipped(['memory_kernel']))(
    `12: /memory answers from the main port${unlessShipped(['memory_kernel'])}`,
    async () => expect((await live.call('/memory')).status).not.toBe(404),
  );
  test.skipIf(unlessShipped(['orchestrator']))(
    `12: /chat answers from the main port${unlessShipped(['orchestrator'])}`,
    async () => expect((await live.call('/chat')).status).not.toBe(404),
  );
});

describe('the start and the stop', () => {
  let stack: Stack | undefined;
  afterAll(() => stack?.destroy());

  test('13: a foreign process on a kernel port is left alone and named, and the kernel answers elsewhere', async () => {
    stack = await createOwnStack();
    const taken = kernelRow(VICTIM).port + stack.offset;
    const foreign = await startForeignListener(taken);
    try {
      const up = await stack.up();
      const live = attach(stack);
      expect(foreign.alive()).toBe(true);
      const moved = await live.healed(VICTIM, 0);
      const told = [up.stderr, moved, await live.history(VICTIM), await live.incidents(VICTIM)];
      expect(JSON.stringify(told)).toContain(String(foreign.pid));
      expect(moved.port).not.toBe(taken);
      expect((await live.atKernel(VICTIM, '/health')).json()['kernel']).toBe(
        kernelRow(VICTIM).name,
      );
      expect((await httpCall(`http://127.0.0.1:${taken}/`)).text).toBe('mine');
    } finally {
      await foreign.stop();
    }
  });

  test('14: after the stop, within fifteen seconds, no port listens and no process is left', async () => {
    const own = (stack ??= await createOwnStack());
    await own.up();
    const { keeper_pid, spare_pid } =
      await attach(own).read<Record<string, number | null>>('/guardian/health');
    const pids = [
      ...(await runningProcesses(own.home)).map((one) => one.pid),
      ...(await own.processes()).map((one) => one.pid!),
      ...[keeper_pid, spare_pid].filter((pid) => typeof pid === 'number'),
    ];
    expect(pids.length).toBeGreaterThan(SHIPPED_KERNELS.length);
    const began = performance.now();
    expect((await own.down()).code).toBe(0);
    expect(pids.filter(isRunning)).toEqual([]);
    for (const port of [8000, ...KERNEL_RANGE])
      expect(await tryConnect(port + own.offset), String(port)).toBe('ECONNREFUSED');
    expect(performance.now() - began).toBeLessThan(STOP_LIMIT_MS);
  });
});
