import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kernelRow, type Assignment } from '@holdfast/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { httpCall } from '../harness/http-call.ts';
import { createSeeded } from '../harness/seeded.ts';
import { unlessShipped } from '../harness/shipped-kernels.ts';
import { ROOT, createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

const KERNEL = 'librarian_kernel';
const IDLE_S = 2;
const SEED = Number(process.env['HOLDFAST_ON_DEMAND_SEED'] ?? 20_261_121);
const ROUNDS = 6;
const CALLERS = 4;
/** Calls come this long before or after the moment at which the kernel goes to sleep. */
const AROUND_MS = 600;
const RATE_LIMIT_RPS = 100_000;
const SEARCH = '/librarian/search?query=kernel';

const missing = unlessShipped([KERNEL]);

const onDemandConfig = (dir: string): string => {
  cpSync(join(ROOT, 'config'), dir, { recursive: true });
  const file = join(dir, 'profiles', 'kernel.base.yaml');
  const text = readFileSync(file, 'utf8');
  const line = `  ${KERNEL}: { enabled: true, activation: on-demand, idle_s: ${IDLE_S} }`;
  writeFileSync(
    file,
    text
      .replace(new RegExp(`^ {2}${KERNEL}: .*$`, 'm'), line)
      .replace(/rate_limit_rps: .*/, `rate_limit_rps: ${RATE_LIMIT_RPS}`),
  );
  return dir;
};

describe.skipIf(missing)(
  `a kernel that runs only when it is asked (HOLDFAST_ON_DEMAND_SEED=${SEED})${missing}`,
  () => {
    let folder: string;
    let stack: Stack;

    const call = (path: string) => httpCall(stack.url + path, { token: stack.token() });
    const kernel = async (): Promise<Assignment> =>
      (await stack.guardian.getGuardianStatus({})).kernels.find((one) => one.name === KERNEL)!;
    const asleep = (): Promise<Assignment> =>
      until('the kernel asleep', async () => {
        const now = await kernel();
        return now.status === 'idle' && now;
      });
    const ownPort = (): string =>
      `http://127.0.0.1:${kernelRow(KERNEL).port + stack.offset}/search?query=kernel`;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'holdfast-on-demand-'));
      const config = onDemandConfig(join(folder, 'config'));
      stack = await createStack({ env: { HOLDFAST_CONFIG_DIR: config } });
      const up = await stack.up();
      if (up.code !== 0) throw new Error(up.stderr);
    });
    afterAll(async () => {
      await stack?.destroy();
      rmSync(folder, { recursive: true, force: true });
    });

    test('is idle after the start, without a process, and the stack is whole', async () => {
      expect(await kernel()).toMatchObject({ status: 'idle', pid: null });
      expect((await call('/health')).json()).toMatchObject({ status: 'ok', failed_components: [] });
    });

    test('is started by its first request, which is answered', async () => {
      expect((await call(SEARCH)).status).toBe(200);
      expect(await kernel()).toMatchObject({ status: 'healthy', pid: expect.any(Number) });
    });

    test('goes to sleep again, and a request on its own port wakes it too', async () => {
      expect((await asleep()).pid).toBe(null);
      expect((await httpCall(ownPort())).status).toBe(200);
      expect((await kernel()).status).toBe('healthy');
    });

    test('refuses nobody around the moment at which it goes to sleep', async () => {
      const random = createSeeded(SEED);
      const told: string[] = [];
      let slept = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const { pid } = await kernel();
        const waits = Array.from(
          { length: CALLERS },
          () => IDLE_S * 1_000 - AROUND_MS + random.below(2 * AROUND_MS),
        );
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
      expect(slept, 'at least one round met it asleep').toBeGreaterThan(0);
    });
  },
);
