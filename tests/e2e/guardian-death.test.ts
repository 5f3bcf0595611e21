import { GATEWAY_PORT, KERNEL_TABLE } from '@holdfast/contracts';
import { afterAll, beforeAll, expect, describe, test } from 'vitest';
import { FLAWLESS, startLoad, type Load } from '../harness/load.ts';
import { isRunning } from '../harness/process-facts.ts';
import { killHard, runningProcesses, type NamedProcess } from '../harness/running-processes.ts';
import { ships } from '../harness/shipped-kernels.ts';
import { createOwnStack } from '../harness/own-stack.ts';
import type { Stack } from '../harness/stack.ts';
import { tryConnect } from '../harness/tcp.ts';
import { until } from '../harness/until.ts';

const DEATHS = 5;
const ANSWERS_IN_BETWEEN = 50;

describe('the death of those who watch', () => {
  let stack: Stack;
  const seen = new Set<number>();

  const find = async (name: string): Promise<NamedProcess | undefined> =>
    (await runningProcesses(stack.home)).find((one) => one.name === name);

  const pids = async (): Promise<Record<string, number | null>> => {
    const all = Object.fromEntries((await stack.processes()).map((one) => [one.name, one.pid]));
    for (const pid of Object.values(all)) if (pid !== null) seen.add(pid);
    return all;
  };
  const served = async (): Promise<Record<string, number | null>> => {
    const { guardian: _, ...rest } = await pids();
    return rest;
  };

  /** A new guardian knows of each process when that has come back to it. */
  const expectSame = async (before: Record<string, number | null>): Promise<void> => {
    const names = Object.keys(before);
    const after = await until('every process known to the guardian', async () => {
      const now = await served();
      return names.every((name) => now[name]) && now;
    });
    expect(after).toEqual(before);
  };

  const ports = (): number[] =>
    [GATEWAY_PORT, ...KERNEL_TABLE.filter((row) => ships(row.id)).map((row) => row.port)].map(
      (port) => port + stack.offset,
    );

  const startCallers = (): Load => {
    const paths = ['/health', '/api/changes?limit=1', '/api/infrastructure/hosts', '/auth/whoami'];
    let turn = 0;
    return startLoad({
      kept: 2,
      fresh: 2,
      ports,
      pauseMs: 20,
      call: () => ({
        url: `${stack.url}${paths[(turn += 1) % paths.length]}`,
        token: stack.token(),
      }),
    });
  };
  const moreAnswers = async (load: Load): Promise<void> => {
    const now = load.figures().answered;
    await until('more answers', () => load.figures().answered >= now + ANSWERS_IN_BETWEEN);
  };

  /** Kills it and waits for the next one of that name. */
  const killAndAwaitNext = async (name: string): Promise<void> => {
    const old = (await find(name))!;
    seen.add(old.pid);
    expect(await killHard(old)).toBe(true);
    const next = await until(`another ${name}`, async () => {
      const now = await find(name);
      return now !== undefined && now.pid !== old.pid && now;
    });
    seen.add(next.pid);
  };
  const guardianAnswers = (pid: number): Promise<unknown> =>
    until('an answer of the guardian', async () => (await pids())['guardian'] === pid);

  beforeAll(async () => {
    stack = await createOwnStack();
    const up = await stack.up();
    if (up.code !== 0) throw new Error(up.stderr);
  });
  afterAll(() => stack?.destroy());

  test(`the guardian is killed ${DEATHS} times under load: nobody is refused, and every other process lives on`, async () => {
    const before = await served();
    const load = startCallers();
    try {
      for (let death = 0; death < DEATHS; death += 1) {
        await moreAnswers(load);
        await killAndAwaitNext('guardian');
        await guardianAnswers((await find('guardian'))!.pid);
        await expectSame(before);
      }
      await moreAnswers(load);
    } finally {
      expect(await load.stop()).toMatchObject(FLAWLESS);
    }
  });

  test('the keeper is killed: the guardian lives on and gets another, and then may die itself', async () => {
    const before = await served();
    const guardian = (await find('guardian'))!;
    const load = startCallers();
    try {
      await moreAnswers(load);
      await killAndAwaitNext('keeper');
      expect((await find('guardian'))!.pid).toBe(guardian.pid);
      await guardianAnswers(guardian.pid);
      await moreAnswers(load);
      await killAndAwaitNext('guardian');
      await guardianAnswers((await find('guardian'))!.pid);
      await expectSame(before);
      await moreAnswers(load);
    } finally {
      expect(await load.stop()).toMatchObject(FLAWLESS);
    }
  });

  test('both are killed: kernels go on serving, and the next start takes over', async () => {
    const before = await served();
    const load = startCallers();
    let up;
    try {
      for (const name of ['keeper', 'guardian']) {
        const one = (await find(name))!;
        seen.add(one.pid);
        await killHard(one);
      }
      await moreAnswers(load);
      for (const name of Object.keys(before)) {
        const pid = before[name];
        if (pid !== null) expect(isRunning(pid!), name).toBe(true);
      }
    } finally {
      expect(await load.stop()).toMatchObject({ refused: 0, reset: 0 });
      up = await stack.up();
    }
    expect([up.code, up.stderr]).toEqual([0, '']);
    const after = await served();
    expect(Object.keys(after).toSorted()).toEqual(Object.keys(before).toSorted());
    expect(await stack.gateway.getHealth({})).toMatchObject({ status: 'ok' });
    for (const name of Object.keys(before))
      if (before[name] !== after[name]) expect(isRunning(before[name]!), name).toBe(false);
  });

  test('after the stop no process of any life is left, and no port listens', async () => {
    await pids();
    for (const one of await runningProcesses(stack.home)) seen.add(one.pid);
    expect((await stack.down()).code).toBe(0);
    expect([...seen].filter(isRunning)).toEqual([]);
    for (const port of ports()) expect(await tryConnect(port)).toBe('ECONNREFUSED');
  });
});
