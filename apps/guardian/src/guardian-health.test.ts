import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { guardianApi, type OpOutput } from '@holdfast/contracts';
import { identifyProcess, terminate } from '@holdfast/sdk/process';
import { describe, expect, it } from 'vitest';
import { fetchText } from './test-support/guardian-world.ts';
import { useWorld } from './test-support/use-world.ts';

type Health = OpOutput<typeof guardianApi.ops.getGuardianHealth>;
const world = useWorld();

const ask = (op: string, input: object = {}): Promise<string> =>
  fetchText(world().port(8000), `/ask/${op}/${encodeURIComponent(JSON.stringify(input))}`);

const health = async (): Promise<Health> =>
  guardianApi.ops.getGuardianHealth.output.parse(JSON.parse(await ask('getGuardianHealth')));

const healthWhen = async (holds: (health: Health) => boolean): Promise<Health> => {
  for (;;) {
    const found = await health();
    if (holds(found)) return found;
    await delay(10);
  }
};

describe('the health of the guardian', { timeout: 30_000 }, () => {
  it('is degraded while its keeper hangs or is missing, and good again with the next one', async () => {
    const { pid, news } = world().start();
    await news;
    expect(await health()).toMatchObject({ status: 'ok', keeper_pid: pid });
    process.kill(pid, 'SIGSTOP');
    expect(await health()).toMatchObject({ status: 'degraded', keeper_pid: pid });
    process.kill(pid, 'SIGCONT');
    expect(await healthWhen(({ status }) => status === 'ok')).toMatchObject({ keeper_pid: pid });
    process.kill(pid, 'SIGKILL');
    const next = await healthWhen((now) => now.status === 'ok' && now.keeper_pid !== pid);
    // The second keeper that dies young is missed for a moment.
    await terminate((await identifyProcess(next.keeper_pid ?? 0))!, { graceMs: 0 });
    const missing = await healthWhen(({ keeper_pid }) => keeper_pid === null);
    expect(missing.status).toBe('degraded');
    const { keeper_pid, pid: guardian } = await healthWhen(({ status }) => status === 'ok');
    await ask('stopStack');
    for (const one of [keeper_pid, guardian])
      while ((await identifyProcess(one ?? 0)) !== undefined) await delay(10);
  });

  it('is degraded while its journal cannot be written, and good again when it was written', async () => {
    await world().start().news;
    await ask('pauseHealing', { component_name: 'message_bus', for_s: 60 });
    expect(await health()).toMatchObject({ status: 'ok', journal: { ok: true } });
    const folder = join(world().home, 'guardian');
    await rm(folder, { recursive: true });
    await writeFile(folder, 'no folder');
    await ask('pauseHealing', { component_name: 'immutable_log', for_s: 60 });
    const sick = await healthWhen(({ journal }) => !journal.ok);
    expect(sick.status).toBe('degraded');
    await rm(folder);
    await mkdir(folder, { mode: 0o700 });
    await healthWhen(({ status, journal }) => status === 'ok' && journal.ok);
    expect(await readFile(join(folder, 'journal.jsonl'), 'utf8')).toContain('"totals"');
  });
});
