import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_TYPES } from '@holdfast/contracts';
import { createFakeClock, owner } from '@holdfast/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusal } from '../test-support/governance-world.ts';
import { createFakeGuardian } from './test-support/fake-guardian.ts';
import { createSettingsWorld, type SettingsWorld } from './test-support/settings-world.ts';

let world: SettingsWorld;
beforeEach(async () => {
  world = await createSettingsWorld();
});
afterEach(() => world.close());

const RATE = { limits: { rate_limit_rps: 70 } };
const propose = (patch: Record<string, unknown> = RATE, key?: string) =>
  world.api.proposeConfig(patch, key === undefined ? {} : { idempotencyKey: key });

describe('proposing settings', () => {
  it('answers with what it would replace, and the file is there by then', async () => {
    const { ok, change, pending } = await propose({ ...RATE, ttl_sec: 60 });
    expect(ok).toBe(true);
    expect(pending).toMatchObject({
      change,
      state: 'proposed',
      patch: RATE,
      before: { limits: { rate_limit_rps: 50 } },
      author: 'ann',
      revision: null,
      applied_at: null,
    });
    expect(pending.ttl - pending.ts).toBe(60);
    expect(pending.base_revision).toBe(world.guardian.active.revision);
    expect(world.pendingFile()).toMatchObject({ change, state: 'proposed', patch: RATE });
    expect((await world.api.getConfigStatus({})).pending).toMatchObject({ change });
    expect(world.guardian.knobs.puts).toBe(0);
  });

  it.each([
    [{ limits: { rate_limit_rps: 'many' } }, 400, 'limits.rate_limit_rps'],
    [{ limits: { no_such: 1 } }, 400, 'limits.no_such'],
    [{ limits: { no_such: null } }, 400, 'limits.no_such'],
    [{ nowhere: { at: 'all' } }, 400, 'nowhere'],
    [{ limits: 5 }, 400, 'limits'],
    [{ limits: {}, logging: {} }, 400, undefined],
    [{}, 400, undefined],
    [{ limits: { rate_limit_rps: -1 } }, 400, 'limits.rate_limit_rps'],
    [{ name: 'pro' }, 403, undefined],
    [{ config: { allow: ['*'] } }, 403, undefined],
    [{ inherits: 'base' }, 403, undefined],
    [{ limits: { max_hosts: 5 } }, 403, undefined],
    [{ gate: { watch_s: 9 } }, 403, undefined],
    [{ gate: null }, 403, undefined],
  ])('refuses %j in the user profile with %i, and writes nothing', async (patch, status, path) => {
    const problem = await propose(patch).then(
      () => undefined,
      (error) => error.toProblem(),
    );
    expect(problem).toMatchObject({ status, ...(path === undefined ? {} : { path }) });
    expect(existsSync(join(world.home, 'configs', 'pending.json'))).toBe(false);
    expect((await world.api.getConfigStatus({})).history_count).toBe(0);
  });

  it('lets one of two at a time have it, and tells the other one whose it is', async () => {
    const both = await Promise.allSettled([propose(), propose({ logging: { level: 'debug' } })]);
    expect(both.map((one) => one.status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const lost = both.find((one) => one.status === 'rejected')!;
    expect(['config_pending', 'change_conflict']).toContain(lost.reason.code);
    await expect(propose()).rejects.toMatchObject({
      code: 'config_pending',
      details: { author: 'ann' },
    });
  });

  it('answers the same again for the same key, also after it was applied', async () => {
    const first = await propose(RATE, 'key-1');
    expect((await propose(RATE, 'key-1')).change).toBe(first.change);
    await world.api.applyConfig({});
    expect(await propose(RATE, 'key-1')).toMatchObject({
      change: first.change,
      pending: { state: 'applied' },
    });
    expect(await refusal(propose({ logging: { level: 'warn' } }, 'key-1'))).toBe(
      'idempotency_mismatch',
    );
  });

  it('refuses what was made for other settings, and what changes nothing', async () => {
    expect(await refusal(propose({ ...RATE, base_revision: 'of yesterday' }))).toBe('plan_stale');
    await propose({ ...RATE, base_revision: world.guardian.active.revision });
    await world.api.applyConfig({});
    expect(await refusal(propose())).toBe('config_patch_invalid');
  });

  it('refuses a weakening of the hard rules, and puts the attempt itself on record', async () => {
    expect(await refusal(propose({ tripwires: { T4: 'off' } }))).toBe('tripwire');
    const { items } = await world.api.listTripwireCases({});
    expect(items).toMatchObject([{ author: 'ann', hits: [{ rule: 'T12', level: 'hard' }] }]);
    const [change] = (await world.api.listChanges({})).items;
    expect(change).toMatchObject({ kind: 'config', state: 'blocked', plan: null });
  });

  it('counts what somebody tries again on the case that is open, also at the same moment', async () => {
    const weaken = () => refusal(propose({ tripwires: { T4: 'off' } }));
    const codes = await Promise.all([weaken(), weaken(), weaken()]);
    expect([...codes, await weaken()]).toEqual(Array(4).fill('tripwire'));
    expect(await refusal(world.as(owner).proposeConfig({ tripwires: {} }))).toBe('tripwire');
    const { items } = await world.api.listTripwireCases({});
    expect(items).toMatchObject([
      { author: 'owner', repeats: 0 },
      { author: 'ann', repeats: 3 },
    ]);
    expect((await world.api.getFreeze({})).scopes).toHaveLength(2);
    expect((await world.api.listChanges({})).items).toHaveLength(5);
  });

  it('is refused with the kill switch on', async () => {
    await world.api.freeze({ reason: 'calm' });
    expect(await refusal(propose())).toBe('kill_switch');
  });
});

describe('applying settings', () => {
  it('answers once they are in force, and says so in the file', async () => {
    world.guardian.knobs.slowness = 3;
    const { change } = await propose();
    const answer = await world.as(owner).applyConfig({});
    expect(answer).toMatchObject({
      ok: true,
      change,
      active: { state: 'applied', author: 'ann', applied_by: 'owner' },
    });
    expect(world.guardian.active).toMatchObject({ overrides: RATE, change });
    expect(answer.active.revision).toBe(world.guardian.active.revision);
    expect(world.pendingFile()).toMatchObject({ state: 'applied', change });
    const status = await world.api.getConfigStatus({});
    expect(status).toMatchObject({
      pending: null,
      active: { change },
      in_force: { overrides: RATE },
    });
    await world.world.waitForEvent((event) => event.type === EVENT_TYPES.configApplied);
  });

  it('is refused for another proposal than the one that is pending, which stays so', async () => {
    const first = await propose();
    await world.api.cancelChange({ id: first.change });
    const { change, pending } = await propose({ logging: { level: 'debug' } });
    await expect(world.api.applyConfig({ change: first.change })).rejects.toMatchObject({
      code: 'config_superseded',
      details: { change: first.change, other: change, state: 'pending' },
    });
    expect(await refusal(world.api.applyConfig({ change, base_revision: 'of yesterday' }))).toBe(
      'plan_stale',
    );
    expect(world.guardian.knobs.puts).toBe(0);
    expect((await world.api.getConfigStatus({})).pending).toMatchObject({ change });
    const { base_revision } = pending;
    expect(await world.api.applyConfig({ change, base_revision })).toMatchObject({
      change,
      active: { state: 'applied' },
    });
    expect(await refusal(world.api.applyConfig({ change }))).toBe('config_nothing_pending');
  });

  it('is refused while nothing is proposed', async () => {
    expect(await refusal(world.api.applyConfig({}))).toBe('config_nothing_pending');
    await propose();
    await world.api.applyConfig({});
    expect(await refusal(world.api.applyConfig({}))).toBe('config_nothing_pending');
  });

  it('tells what failed, and the former settings come back', async () => {
    world.guardian.knobs.fails = true;
    const { change } = await propose();
    const failing = world.api.applyConfig({});
    await world.until(change, ({ state }) => state === 'reverting');
    world.guardian.knobs.fails = false;
    await expect(failing).rejects.toMatchObject({
      code: 'config_not_applied',
      details: { change, detail: expect.stringContaining('it died') },
    });
    expect(world.guardian.active.overrides).toEqual({});
    expect(world.pendingFile()).toMatchObject({ change, state: 'reverted' });
    expect((await world.api.getConfigStatus({})).active).toBeNull();
  });

  it('answers as it stands when it is not to wait, and a second call waits for the same', async () => {
    world.guardian.knobs.slowness = Number.MAX_SAFE_INTEGER;
    const { change } = await propose();
    const first = await world.api.applyConfig({ wait_ms: 0 });
    expect(['proposed', 'applying']).toContain(first.active.state);
    await world.until(change, ({ state }) => state === 'applying');
    const second = world.api.applyConfig({});
    world.guardian.knobs.slowness = 0;
    world.guardian.restart(world.guardian.active);
    expect(await second).toMatchObject({ change, active: { state: 'applied' } });
  });
});

describe('reverting settings', () => {
  it('brings the former values back by a new change, one after the other', async () => {
    const first = await propose();
    await world.api.applyConfig({});
    const second = await propose({ logging: { level: 'debug' } });
    await world.api.applyConfig({});

    const back = await world.api.revertConfig({});
    expect([first.change, second.change]).not.toContain(back.change);
    expect(back.active).toMatchObject({ change: first.change, state: 'applied' });
    expect(world.guardian.active).toMatchObject({ overrides: RATE, change: back.change });
    expect(world.pendingFile()).toMatchObject({ change: second.change, state: 'reverted' });

    expect(await world.api.revertConfig({})).toMatchObject({ active: null });
    expect(world.guardian.active.overrides).toEqual({});
    expect(world.pendingFile()).toMatchObject({ change: first.change, state: 'reverted' });
    expect(await refusal(world.api.revertConfig({}))).toBe('config_nothing_active');
    await world.world.waitForEvent((event) => event.type === EVENT_TYPES.configReverted);
  });

  it('is refused while none is in force, also after a start with another profile', async () => {
    expect(await refusal(world.api.revertConfig({}))).toBe('config_nothing_active');
    await propose();
    await world.api.applyConfig({});
    world.guardian.restart({ profile: 'pro', overrides: {} });
    expect(await refusal(world.api.revertConfig({}))).toBe('config_nothing_active');
  });

  it('is refused for another change than the one that is in force', async () => {
    const first = await propose();
    await world.api.applyConfig({});
    const second = await propose({ logging: { level: 'debug' } });
    await world.api.applyConfig({});
    expect(await refusal(world.api.revertConfig({ change: first.change }))).toBe(
      'config_superseded',
    );
    await world.api.revertConfig({ change: second.change });
    expect(world.guardian.active.overrides).toEqual(RATE);
    expect(await refusal(world.api.revertConfig({ change: second.change }))).toBe(
      'config_superseded',
    );
  });

  it('never takes back an older change over a newer one', async () => {
    const first = await propose();
    await world.api.applyConfig({});
    await propose({ logging: { level: 'debug' } });
    await world.api.applyConfig({});
    const undo = await world.api.revertChange({ id: first.change });
    const ended = await world.until(undo.id, ({ finished_at }) => finished_at !== null);
    expect(ended.reasons[0]?.detail).toContain('has to be undone first');
    expect(world.guardian.active.overrides).toEqual({ ...RATE, logging: { level: 'debug' } });
  });

  it('null in a patch takes an override back to what the profile has', async () => {
    await propose({ ...RATE, logging: { level: 'debug' } });
    await world.api.applyConfig({});
    const { pending } = await propose({ limits: null });
    expect(pending.before).toEqual(RATE);
    await world.api.applyConfig({});
    expect(world.guardian.active.overrides).toEqual({ logging: { level: 'debug' } });
  });
});

describe('the history', () => {
  it('has author, time, before, after and revision of every change and of its undo', async () => {
    const { change } = await propose();
    await world.as(owner).applyConfig({});
    const undo = await world.api.revertConfig({});
    const { items, total } = await world.api.getConfigHistory({});
    expect(total).toBe(2);
    expect(items).toMatchObject([
      { change: undo.change, state: 'applied', patch: { limits: { rate_limit_rps: 50 } } },
      {
        change,
        state: 'reverted',
        author: 'ann',
        applied_by: 'owner',
        patch: RATE,
        before: { limits: { rate_limit_rps: 50 } },
      },
    ]);
    for (const item of items) {
      expect(Date.parse(item.proposed_at)).toBeLessThanOrEqual(Date.parse(item.applied_at!));
      expect(item.revision).not.toBe(item.base_revision);
    }
  });
});

describe('switching the profile', () => {
  it('is a change of the whole, carries over what the other profile takes, and can be undone', async () => {
    await propose();
    await world.api.applyConfig({});
    const answer = await world.api.switchProfile({ profile: 'professional' });
    expect(answer).toMatchObject({ profile: 'pro', setupDone: true });
    expect(world.guardian.active).toMatchObject({ profile: 'pro', overrides: RATE });
    const change = await world.api.getChange({ id: answer.change! });
    expect(change.plan).toMatchObject({ class: 'covenant' });
    expect(change.plan?.steps[0]?.effect).toMatchObject({ sensitive: true });
    expect(await world.api.getConfigProfile({})).toMatchObject({ profile: 'pro' });
    expect(await world.api.switchProfile({ profile: 'pro' })).toEqual({
      profile: 'pro',
      setupDone: true,
      change: answer.change,
    });
    await world.api.revertConfig({});
    expect(world.guardian.active).toMatchObject({ profile: 'user', overrides: RATE });
  });

  it('is the same change for the same key, also when it failed', async () => {
    world.guardian.knobs.fails = true;
    const key = { idempotencyKey: 'key-1' };
    const use = () => world.api.switchProfile({ profile: 'pro' }, key);
    const failing = use();
    await world.world.waitForEvent(({ data }) => data['to'] === 'reverting');
    world.guardian.knobs.fails = false;
    const { details } = await failing.catch((error) => error);
    await expect(use()).rejects.toMatchObject({
      code: 'config_not_applied',
      details: { change: details.change },
    });
    expect(world.guardian.active.profile).toBe('user');
  });

  it('says which settings the other profile does not take', async () => {
    world.guardian.restart({ profile: 'pro', overrides: { ...RATE, librarian: { max_files: 9 } } });
    world.guardian.knobs.drops = ['librarian'];
    const { change } = await world.api.switchProfile({ profile: 'user' });
    expect(world.guardian.active.overrides).toEqual(RATE);
    const { plan } = await world.api.getChange({ id: change! });
    expect(plan?.steps[0]?.summary).toContain('user does not take librarian');
  });

  it('is refused for a profile that there is not', async () => {
    expect(await refusal(world.api.switchProfile({ profile: 'bogus' }))).toBe('profile_unknown');
  });
});

describe('what may be changed', () => {
  it('is more in pro than in user, and security keys only in enterprise-vip', async () => {
    const codes: Record<string, string[]> = {};
    for (const profile of ['user', 'pro', 'enterprise-vip']) {
      const other = await createSettingsWorld({ profile });
      codes[profile] = [];
      for (const patch of [
        { limits: { rate_limit_rps: 2000 } },
        { limits: { max_hosts: 20_000 } },
        { gate: { watch_s: 90 } },
      ]) {
        codes[profile].push(await refusal(other.api.proposeConfig(patch)));
        const { pending } = await other.api.getConfigStatus({});
        if (pending !== null) {
          const { plan } = await other.untilState(pending.change, 'approved');
          codes[profile].push(plan!.class!);
          await other.api.cancelChange({ id: pending.change });
        }
      }
      await other.close();
    }
    const no = 'config_key_forbidden';
    const yes = 'not refused';
    expect(codes).toEqual({
      user: [yes, 'standard', no, no],
      pro: [yes, 'standard', yes, 'standard', no],
      'enterprise-vip': [yes, 'standard', yes, 'standard', yes, 'security'],
    });
  });

  it('is the same for a change that is proposed as any other', async () => {
    const { id } = await world.api.proposeChange({
      kind: 'config',
      target: { config: 'profile' },
      intent: { patch: { gate: { watch_s: 0 } } },
    });
    const ended = await world.untilState(id, 'failed');
    expect(ended.reasons[0]?.code).toBe('config_key_forbidden');
  });
});

describe('a proposal', () => {
  it('outlives the process, with its file, and is applied by the next one', async () => {
    const { change } = await propose();
    await world.close(true);
    const next = await createSettingsWorld({ home: world.home, guardian: world.guardian });
    expect(next.pendingFile()).toMatchObject({ change, state: 'proposed' });
    expect(await next.api.applyConfig({})).toMatchObject({ change, active: { state: 'applied' } });
    world = next;
  });

  it('expires, and cannot be applied then', async () => {
    const clock = createFakeClock();
    const other = await createSettingsWorld({
      guardian: await createFakeGuardian(),
      options: { clock },
    });
    const { change } = await other.api.proposeConfig({ ...RATE, ttl_sec: 1 });
    await other.untilState(change, 'approved');
    await clock.advance(2_000);
    await expect(other.api.applyConfig({})).rejects.toMatchObject({ code: 'config_expired' });
    expect(await refusal(other.api.applyConfig({}))).toBe('config_expired');
    expect(other.guardian.knobs.puts).toBe(0);
    expect((await other.api.getConfigStatus({})).pending).toBeNull();
    await other.close();
  });
});

describe('the number of unhealthy components', () => {
  it('is what the watch of settings looks at; it is missing while nobody can say', async () => {
    const { change } = await propose();
    const { plan } = await world.untilState(change, 'approved');
    expect(plan!.signals).toMatchObject([
      { name: 'unhealthy_components', direction: 'lower_is_better', max_regression: 0 },
    ]);
    const sample = async () => (await world.sample(plan!)).values['unhealthy_components'];
    expect(await sample()).toBe(0);
    world.guardian.knobs.unhealthy = 2;
    expect(await sample()).toBe(2);
    world.guardian.knobs.away = true;
    expect(await sample()).toBeNull();
  });
});
