import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isSameProcess, terminate } from '@holdfast/sdk/process';
import { describe, expect, it } from 'vitest';
import { fetchText } from './test-support/guardian-world.ts';
import { useWorld } from './test-support/use-world.ts';

const ID = 'infrastructure_manager';
const OLD = 8102;
const world = useWorld();

const book = (): string => join(world().home, 'guardian', 'ports.json');

const killGuardian = async (): Promise<number> => {
  const guardian = await world().guardian();
  await terminate(guardian, { graceMs: 0 });
  expect(await isSameProcess(guardian)).toBe(false);
  return guardian.pid;
};

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds().catch(() => false))) await delay(20);
};

/** Everybody agrees where the kernel is, and it answers there. */
const expectItAt = async (port: number, formerGuardian: number): Promise<void> => {
  await until(async () => (await world().status()).pid !== formerGuardian);
  const row = await world().rowWhen(
    ID,
    (now) => now.status === 'healthy' && now.port === port && now.last_check !== null,
  );
  await until(async () => {
    const health = JSON.parse(await fetchText(port, '/health')) as { kernel: string; pid: number };
    return health.kernel === ID && health.pid === row.pid;
  });
  for (const kernel of [8100, port - world().offset]) {
    await until(async () => {
      const ports = JSON.parse(await fetchText(world().port(kernel), '/ports')) as object;
      return (ports as Record<string, number>)[ID] === port;
    });
  }
  const written = JSON.parse(await readFile(book(), 'utf8')) as Record<string, number>;
  expect(written[ID]).toBe(port - world().offset);
};

describe(
  'a kernel whose guardian died while it was moved to another port',
  { timeout: 30_000 },
  () => {
    it('is moved by the next guardian when the new port was only written down', async () => {
      await world().start().news;
      const { pid } = await world().rowOf(ID);
      await writeFile(book(), JSON.stringify({ [ID]: OLD + 3 }));
      await expectItAt(world().port(OLD + 3), await killGuardian());
      expect((await world().rowOf(ID)).pid).not.toBe(pid);
      await expect(fetchText(world().port(OLD), '/health')).rejects.toThrow('ECONNREFUSED');
    });

    it('is started there by the next guardian when the old process had not left yet', async () => {
      await world().start().news;
      const { pid } = await world().rowOf(ID);
      // A request under way keeps the old process from leaving.
      const busy = connect(world().port(OLD), '127.0.0.1');
      await once(busy, 'connect');
      busy.write('GET /health HTTP/1.1\r\n');
      busy.on('error', () => {});
      const question = { component_name: ID, issue_type: 'port_conflict', action: 'rebind_port' };
      const path = `/ask/heal/${encodeURIComponent(JSON.stringify({ ...question, severity: 'high' }))}`;
      fetchText(world().port(8000), path).catch(() => {});
      await until(async () =>
        (await world().trace()).some((line) => line.pid === pid && line.what === 'stop'),
      );
      const moved = JSON.parse(await readFile(book(), 'utf8')) as Record<string, number>;
      const port = world().port(moved[ID] ?? 0);
      expect(port).not.toBe(world().port(OLD));
      await expectItAt(port, await killGuardian());
      expect((await world().rowOf(ID)).pid).not.toBe(pid);
      busy.destroy();
    });
  },
);
