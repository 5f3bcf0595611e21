import { kernelRow, type Assignment } from '@holdfast/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { httpCall } from '../harness/http-call.ts';
import { createSeeded } from '../harness/seeded.ts';
import { unlessShipped } from '../harness/shipped-kernels.ts';
import { createOwnStack } from '../harness/own-stack.ts';
import type { Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

const KERNEL = 'librarian_kernel';
const IDLE_S = 2;
const SEED = Number(process.env['HOLDFAST_ON_DEMAND_SEED'] ?? 20_261_121);
const ROUNDS = 6;
const CALLERS = 4;
/** So often does the guardian hear how long a kernel was idle. */
const LIVENESS_MS = 250;
/** It goes to sleep in this time, measured from idle_s on. */
const SLEEP_WINDOW_MS = { from: -200, to: LIVENESS_MS + 200 };
/** Between the first and the last of the calls of one moment. */
const TOGETHER_MS = 40;
const SEARCH = '/librarian/search?query=kernel';

/** Empty, or '(SKIPPED: not shipped yet: ...)'. */
const missing = unlessShipped([KERNEL]);

describe.skipIf(missing)(
  `a kernel that runs only when it is asked (HOLDFAST_ON_DEMAND_SEED=${SEED})${missing}`,
  () => {
    let stack: Stack;

    const call = (path: string) => httpCall(stack.url + path, { token: stack.token() });
    const kernel = async (): Promise<Assignment> =>
      (await stack.guardian.getGuardianStatus({})).kernels.find((one) => one.name === KERNEL)!;
    const asleep = (): Promise<Assignment> =>
      until('the kernel asleep', async () => {
        const now = await kernel();
        return now.status === 'idle' && now;
      });
    const awake = (): Promise<Assignment> =>
      until('the kernel healthy', async () => {
        const now = await kernel();
        return now.status === 'healthy' && now;
      });
    const ownPort = (): string =>
      `http://127.0.0.1:${kernelRow(KERNEL).port + stack.offset}/search?query=kernel`;

    beforeAll(async () => {
      stack = await createOwnStack({
        activation: 'on-demand',
        idle_s: IDLE_S,
        liveness_interval_ms: LIVENESS_MS,
      });
      const up = await stack.up();
      if (up.code !== 0) throw new Error(up.stderr);
    });
    afterAll(() => stack?.destroy());

    test('is idle after the start, without a process, and the stack is whole', async () => {
      expect(await kernel()).toMatchObject({ status: 'idle', pid: null });
      expect((await call('/health')).json()).toMatchObject({ status: 'ok', failed_components: [] });
    });

    test('is started by its first request, which is answered', async () => {
      expect((await call(SEARCH)).status).toBe(200);
      expect((await awake()).pid).toEqual(expect.any(Number));
    });

    test('goes to sleep again, and a request on its own port wakes it too', async () => {
      expect((await asleep()).pid).toBe(null);
      expect((await httpCall(ownPort(), { token: stack.token() })).status).toBe(200);
      await awake();
    });

    test('refuses nobody around the moment at which it goes to sleep', async () => {
      const random = createSeeded(SEED);
      const told: string[] = [];
      let slept = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const { pid } = await kernel();
        const span = SLEEP_WINDOW_MS.to - SLEEP_WINDOW_MS.from;
        const moment = IDLE_S * 1_000 + SLEEP_WINDOW_MS.from + random.below(span);
        const waits = Array.from({ length: CALLERS }, () => moment + random.below(TOGETHER_MS));
        if (round === 0) await asleep();
        const ask = async (url: string, wait: number): Promise<void> => {
          await new Promise((resolve) => setTimeout(resolve, wait));
          try {
            const { status, text } = await httpCall(url, { token: stack.token() });
            if (status !== 200) told.push(`${url} after ${wait} ms: ${status} ${text}`);
          } catch (error) {
            told.push(`${url} after ${wait} ms: ${(error as NodeJS.ErrnoException).code}`);
          }
        };
        await Promise.all(
          waits.map((wait, index) => ask(index % 2 ? ownPort() : stack.url + SEARCH, wait)),
        );
        if ((await kernel()).pid !== pid) slept += 1;
      }
      expect(told).toEqual([]);
      expect(slept, 'rounds that met it asleep').toBeGreaterThan(0);
    });
  },
);
