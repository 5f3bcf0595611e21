import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kernelRow, type HealingResult, type KernelId } from '@holdfast/contracts';
import { afterEach, expect, test } from 'vitest';
import { startForeignListener, type ForeignListener } from '../harness/foreign-listener.ts';
import { copyProduct } from '../harness/product-copy.ts';
import { createOwnStack } from '../harness/own-stack.ts';
import { killHard, runningProcesses } from '../harness/running-processes.ts';
import { SHIPPED_KERNELS, ships } from '../harness/shipped-kernels.ts';
import type { Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { attach, startLive } from './support/live-stack.ts';

const KERNEL: KernelId = ships('librarian_kernel') ? 'librarian_kernel' : 'workflow_engine';
const COOLDOWN_S = 2;
const RESTART_LIMIT = 3;

interface Healed {
  readonly success: boolean;
  readonly error: string | null;
  readonly healing_result: HealingResult;
}

const folders: string[] = [];
let stack: Stack | undefined;
let foreign: ForeignListener | undefined;

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'holdfast-acceptance-'));
  folders.push(made);
  return made;
};

afterEach(async () => {
  await foreign?.stop();
  await stack?.destroy();
  foreign = undefined;
  stack = undefined;
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
});

test('23: an orphaned kernel that squats on its port is ended, its pid is told, and the kernel is healthy there', async () => {
  const live = await startLive();
  stack = live.stack;
  const squatter = await live.kernel(KERNEL);
  const { home } = live.stack;
  // Held by a stop signal, it can neither answer nor leave by itself.
  process.kill(squatter.pid!, 'SIGSTOP');
  const running = await runningProcesses(home);
  expect(running.map((one) => one.name)).toEqual(expect.arrayContaining(['keeper', 'guardian']));
  for (const name of ['keeper', 'guardian'])
    for (const one of running.filter((other) => other.name === name)) await killHard(one);
  const up = await live.stack.up();
  expect([up.code, up.stderr]).toEqual([0, '']);
  if ((await live.kernel(KERNEL)).status !== 'healthy')
    await live.read('/network-healer/heal', {
      body: { component_name: KERNEL, issue_type: 'port_conflict' },
      timeoutMs: 120_000,
    });
  const now = await live.healed(KERNEL, squatter.pid!);
  expect(now.port).toBe(squatter.port);
  expect(JSON.stringify(await live.history(KERNEL))).toContain(`"pid":${squatter.pid}`);
  for (const row of await live.kernels()) expect(row.status, row.name).toBe('healthy');
});

test('24: a kernel whose port a foreign process holds is healthy on a free port of its tier, and all follow it', async () => {
  stack = await createOwnStack();
  const { offset } = stack;
  const taken = kernelRow(KERNEL).port + offset;
  foreign = await startForeignListener(taken);
  await stack.up();
  const live = attach(stack);
  if ((await live.kernel(KERNEL)).status !== 'healthy')
    await live.read('/network-healer/heal', {
      body: { component_name: KERNEL, issue_type: 'port_conflict' },
      timeoutMs: 120_000,
    });
  const expectMoved = async (): Promise<number> => {
    const { port } = await live.healed(KERNEL, 0);
    const table = kernelRow(KERNEL).port;
    expect(port).not.toBe(taken);
    expect(Math.floor((port! - offset) / 10)).toBe(Math.floor(table / 10));
    expect(SHIPPED_KERNELS.map((id) => kernelRow(id).port + offset)).not.toContain(port);
    const { kernels } = await live.read<{ kernels: Record<string, number> }>(
      '/kernel-ports/port-map',
    );
    expect(kernels[KERNEL]).toBe(port);
    expect(new Set(Object.values(kernels)).size).toBe(Object.keys(kernels).length);
    expect(await live.read('/kernel-ports/health-check')).toMatchObject({ failed_components: [] });
    expect((await live.kernel(KERNEL)).health_url).toContain(String(port));
    if (KERNEL === 'librarian_kernel') await live.read('/librarian/search?query=kernel');
    return port!;
  };
  const port = await expectMoved();
  await stack.down();
  await foreign.stop();
  expect((await stack.up()).code).toBe(0);
  expect(await expectMoved()).toBe(port);
});

test('25: a kernel that cannot start is not called healed, and automatic restarts stop and ask for a person', async () => {
  const product = copyProduct(join(folder(), 'product'));
  const live = await startLive({ restart_cooldown_s: COOLDOWN_S }, { root: product.root });
  stack = live.stack;
  product.breakKernel(KERNEL);
  const { pid } = await live.kernel(KERNEL);
  process.kill(pid!, 'SIGKILL');
  const escalated = await until('an escalation', async () =>
    (await live.incidents(KERNEL)).find((one) => one.escalated),
  );
  expect(escalated.attempts).toBeGreaterThanOrEqual(RESTART_LIMIT);
  expect(escalated).toMatchObject({ status: 'failed', resolved_at: null });
  expect((await live.kernel(KERNEL)).status).toBe('failed');
  const refused = await live.call('/network-healer/heal', {
    body: { component_name: KERNEL },
    timeoutMs: 120_000,
  });
  const healed = refused.json<Healed>();
  expect(healed).toMatchObject({ success: false, error: expect.any(String) });
  expect(healed.error).not.toBe('');
  expect((await live.kernel(KERNEL)).status).not.toBe('healthy');

  product.mendKernel(KERNEL);
  const again = await live.read<Healed>('/network-healer/heal', {
    body: { component_name: KERNEL },
    timeoutMs: 120_000,
  });
  expect(again).toMatchObject({ success: true, error: null });
  await live.healed(KERNEL, pid!);
  const resolved = await until('the incident resolved', async () =>
    (await live.incidents(KERNEL)).find(
      (one) => one.incident_id === escalated.incident_id && one.resolved_at,
    ),
  );
  expect(resolved.status).toBe('resolved');
});
