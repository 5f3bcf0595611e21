import { mkdir, readFile, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  ActiveConfig,
  GuardianStatus,
  OpOutput,
  Profile,
  guardianApi,
} from '@holdfast/contracts';
import { isSameProcess } from '@holdfast/sdk/process';
import { beforeEach, describe, expect, it } from 'vitest';
import { fetchText } from './test-support/guardian-world.ts';
import { hammer } from './test-support/hammer.ts';
import { useWorld } from './test-support/use-world.ts';

type Put = OpOutput<(typeof guardianApi)['ops']['putConfig']>;

const GATEWAY = 8000;
const GOVERNANCE = 8110;

const world = useWorld();
beforeEach(() => world().ship('governance'));

const ask = async <T>(port: number, op: string, input: object): Promise<T> => {
  const path = `/ask/${op}/${encodeURIComponent(JSON.stringify(input))}`;
  return JSON.parse(await fetchText(world().port(port), path)) as T;
};

const revision = async (): Promise<string> => {
  const { active: now } = await ask<{ active: ActiveConfig }>(GOVERNANCE, 'getActiveConfig', {});
  return now.revision;
};

const put = async (overrides: object, change: string, profile = 'user'): Promise<Put> => {
  const expected_revision = await revision();
  return ask<Put>(GOVERNANCE, 'putConfig', { profile, overrides, change, expected_revision });
};

/** Asks until the processes that are concerned run with it, as governance does; it is away itself at times. */
const inForce = async (overrides: object, change: string, profile = 'user'): Promise<Put> => {
  for (;;) {
    const answer = await put(overrides, change, profile).catch(() => undefined);
    if (answer !== undefined && answer.settled !== false) return answer;
    await delay(20);
  }
};

const pidsOf = (status: GuardianStatus): Record<string, number | null> =>
  Object.fromEntries([
    ['guardian', status.pid] as const,
    ...[...status.kernels, ...status.processes]
      .filter((row) => row.status !== 'not_installed' && row.status !== 'not_started')
      .map((row) => [row.name, row.pid] as const),
  ]);

const pids = async (): Promise<Record<string, number | null>> => pidsOf(await world().status());

const replacedSince = async (before: Record<string, number | null>): Promise<string[]> => {
  const now = await pids();
  return Object.keys(now)
    .filter((name) => now[name] !== before[name])
    .toSorted();
};

const profileAt = async (port: number): Promise<Profile> =>
  JSON.parse(await fetchText(world().port(port), '/profile')) as Profile;

const activePath = (): string => join(world().home, 'configs', 'active.json');
const active = async (): Promise<ActiveConfig> =>
  JSON.parse(await readFile(activePath(), 'utf8')) as ActiveConfig;

describe('settings that are put in force', { timeout: 90_000 }, () => {
  it('replace just the processes that they concern, and refuse no caller', async () => {
    await world().start().news;
    let before = await pids();
    const probing = [GATEWAY, 8102].map((port) => hammer(world().port(port)));

    const limit = { limits: { rate_limit_rps: 9 } };
    expect((await inForce(limit, 'chg_1')).replaced).toEqual(['gateway']);
    expect(await replacedSince(before)).toEqual(['gateway']);
    expect((await profileAt(GATEWAY)).limits.rate_limit_rps).toBe(9);
    expect(await active()).toMatchObject({ profile: 'user', overrides: limit, change: 'chg_1' });

    before = await pids();
    const both = { ...limit, infrastructure: { scan_interval_s: 7 } };
    await inForce(both, 'chg_2');
    expect(await replacedSince(before)).toEqual(['agent', 'infrastructure_manager']);
    expect((await profileAt(8102)).infrastructure.scan_interval_s).toBe(7);

    for (const one of probing) expect((await one.stop()).refused).toBe(0);
  });

  it('replace the guardian alone for its own numbers', async () => {
    await world().start().news;
    const before = await pids();
    const answer = await inForce({ guardian: { check_interval_s: 3 } }, 'chg_1');
    expect(answer.settled).toBe(true);
    expect(await replacedSince(before)).toEqual(['guardian']);
    expect((await world().status()).check_interval_s).toBe(3);
  });

  it('are the same when they are put again, also over a guardian that was killed', async () => {
    await world().start().news;
    await inForce({ limits: { rate_limit_rps: 9 } }, 'chg_1');
    const before = await pids();
    expect((await put({ limits: { rate_limit_rps: 9 } }, 'chg_1')).settled).toBe(true);
    const guardian = await world().guardian();
    process.kill(guardian.pid, 'SIGKILL');
    while (await isSameProcess(guardian)) await delay(5);
    expect((await inForce({ limits: { rate_limit_rps: 9 } }, 'chg_1')).settled).toBe(true);
    expect(await replacedSince(before)).toEqual(['guardian']);
  });

  it('are refused with the key when they are not valid, and nothing is written', async () => {
    await world().start().news;
    expect(await put({ limits: { rate_limit_rps: 'x' } }, 'chg_1')).toMatchObject({
      code: 'config_patch_invalid',
      path: 'limits.rate_limit_rps',
    });
    await expect(readFile(activePath())).rejects.toThrow('ENOENT');
  });

  it('are refused while others are in force than they were made for', async () => {
    await world().start().news;
    const before = await revision();
    const wanted = (rate: number) => ({
      profile: 'user',
      overrides: { limits: { rate_limit_rps: rate } },
      change: 'chg_1',
      expected_revision: before,
    });
    const answers = await Promise.all(
      [7, 8].map((rate) => ask<Put & { code?: string }>(GOVERNANCE, 'putConfig', wanted(rate))),
    );
    expect(answers.map(({ code }) => code).toSorted()).toEqual(['plan_stale', undefined]);
    const won = answers.findIndex(({ code }) => code === undefined) === 0 ? 7 : 8;
    expect((await active()).overrides).toEqual(wanted(won).overrides);
    expect(await inForce(wanted(won).overrides, 'chg_1')).toMatchObject({ settled: true });
  });

  it('of another profile are told with what is carried over, and with what is not', async () => {
    await world().start().news;
    const overrides = { limits: { max_hosts: 3, max_open_changes: 4, rate_limit_rps: 'many' } };
    const check = { profile: 'pro', overrides };
    expect(await ask(GOVERNANCE, 'checkConfig', check)).toMatchObject({
      code: 'config_patch_invalid',
    });
    expect(await ask(GOVERNANCE, 'checkConfig', { ...check, carry_over: true })).toMatchObject({
      overrides: { limits: { max_hosts: 3 } },
      dropped: ['limits.max_open_changes', 'limits.rate_limit_rps'],
      effective: { name: 'pro', limits: { max_hosts: 3, max_open_changes: 1 } },
    });
  });

  it('are reported as failed when a kernel does not come up with them; the former ones mend it', async () => {
    await world().start().news;
    await world().mode('infrastructure_manager', 'superstitious');
    const answer = await inForce({ limits: { max_hosts: 13 } }, 'chg_1');
    expect(answer).toMatchObject({ code: 'reload_failed', component: 'infrastructure_manager' });
    expect(await put({ limits: { max_hosts: 13 } }, 'chg_1')).toMatchObject({
      code: 'reload_failed',
    });
    expect(await inForce({}, 'chg_2')).toMatchObject({ settled: true });
    expect(await world().rowOf('infrastructure_manager')).toMatchObject({ status: 'healthy' });
    expect((await profileAt(8102)).limits.max_hosts).toBe(1);
  });

  it('are finished by the next guardian when one is killed in the middle', async () => {
    await world().start().news;
    const before = await pids();
    const level = { logging: { level: 'debug' } };
    for (const round of [1, 2, 3]) {
      const wanted = round === 2 ? {} : level;
      const guardian = await world().guardian();
      const { message_bus: first } = await pids();
      await put(wanted, `chg_${round}`);
      await world().rowWhen('message_bus', ({ pid }) => pid !== first && pid !== null);
      process.kill(guardian.pid, 'SIGKILL');
      while (await isSameProcess(guardian)) await delay(5);
      await inForce(wanted, `chg_${round}`);
      for (const port of [GATEWAY, 8100, 8101, 8102, GOVERNANCE])
        expect((await profileAt(port)).logging.level).toBe(round === 2 ? 'info' : 'debug');
    }
    expect(await replacedSince(before)).toHaveLength(Object.keys(before).length);
    // One that had just been told to leave was missing for a moment: that is on record, and over.
    const { incidents } = await ask<{ incidents: { status: string }[] }>(GATEWAY, 'listIncidents', {
      limit: 9,
    });
    expect(incidents.filter(({ status }) => status !== 'resolved')).toEqual([]);
  });

  it('switch the profile of everything, for good', async () => {
    const first = world().start({ HOLDFAST_PROFILE: 'user' });
    await first.news;
    const before = await pids();
    await inForce({}, 'chg_1', 'pro');
    expect(await replacedSince(before)).toHaveLength(Object.keys(before).length);
    expect((await world().status()).profile).toBe('pro');
    expect(await profileAt(8102)).toMatchObject({ name: 'pro', limits: { max_hosts: 7 } });
    const guardian = await world().guardian();
    process.kill(guardian.pid, 'SIGKILL');
    while (await isSameProcess(guardian)) await delay(5);
    expect((await inForce({}, 'chg_1', 'pro')).settled).toBe(true);
    expect((await world().status()).profile).toBe('pro');
  });
});

describe('who may put settings in force', { timeout: 60_000 }, () => {
  const wanted = { profile: 'user', overrides: {}, change: 'chg_1', expected_revision: 'any' };

  it('is governance alone: no other kernel, and no caller of the gateway', async () => {
    await world().start().news;
    for (const port of [GATEWAY, 8102])
      expect(await ask(port, 'putConfig', wanted)).toMatchObject({ code: 'forbidden' });
    expect(await ask(8102, 'stopStack', {})).toMatchObject({ code: 'forbidden' });
    expect(await ask(8102, 'getGuardianStatus', {})).toMatchObject({ profile: 'user' });
    expect(await ask(GOVERNANCE, 'putConfig', { profile: 3 })).toMatchObject({
      code: 'invalid_input',
    });
  });
});

describe('a start', { timeout: 60_000 }, () => {
  const stopped = async (running: ReturnType<ReturnType<typeof world>['start']>): Promise<void> => {
    running.process.kill('SIGTERM');
    expect(await running.exit).toMatchObject({ code: 0 });
  };

  it('goes on with the settings in force, and drops what another profile does not take', async () => {
    const first = world().start();
    await first.news;
    await inForce({ limits: { max_hosts: 3, max_open_changes: 4 } }, 'chg_1');
    await stopped(first);

    const second = world().start();
    expect(await second.news).toMatchObject({ type: 'started', dropped: [] });
    expect((await profileAt(8102)).limits.max_hosts).toBe(3);
    await stopped(second);

    const third = world().start({ PROFILE: 'pro' });
    expect(await third.news).toMatchObject({ dropped: ['limits.max_open_changes'] });
    expect((await profileAt(8102)).limits).toMatchObject({ max_hosts: 3, max_open_changes: 1 });
    expect(await active()).toMatchObject({
      profile: 'pro',
      overrides: { limits: { max_hosts: 3 } },
    });
  });

  it('removes the logs that are older than its profile keeps, and no others', async () => {
    const logs = join(world().home, 'logs');
    await mkdir(logs, { recursive: true });
    for (const [name, days] of [
      ['gateway-9.log', 2],
      ['gateway-8.log', 0.5],
    ] as const) {
      await writeFile(join(logs, name), 'a line\n');
      const at = new Date(Date.now() - days * 86_400_000);
      await utimes(join(logs, name), at, at);
    }
    await world().start().news;
    const kept = await readdir(logs);
    expect(kept).toContain('gateway-8.log');
    expect(kept).not.toContain('gateway-9.log');
  });

  it('is refused, by name, with settings that were damaged', async () => {
    const first = world().start();
    await first.news;
    await inForce({ limits: { max_hosts: 3 } }, 'chg_1');
    await stopped(first);
    await writeFile(activePath(), (await readFile(activePath(), 'utf8')).replace('3', '4'));
    for (const env of [{}, { PROFILE: 'pro' }]) {
      const refused = world().start(env as Record<string, string>);
      expect(await refused.news).toMatchObject({
        type: 'refused',
        message: expect.stringContaining('configs/active.json'),
      });
      expect(await refused.exit).toMatchObject({ code: 1 });
    }
  });
});
