import {
  CLEARANCE_MS,
  EVENT_TYPES,
  kernelPrincipal,
  type Clearance,
  type Profile,
} from '@holdfast/contracts';
import { createFakeClock, testProfile } from '@holdfast/testkit';
import { describe, expect, it, vi } from 'vitest';
import {
  ann,
  bob,
  refusal,
  robot,
  type GovernanceWorld,
} from '../test-support/governance-world.ts';
import { proposeUpdate } from '../test-support/plans.ts';
import { useWorlds } from '../test-support/use-worlds.ts';
import { whileTimePasses } from '../test-support/while-time-passes.ts';

const HOUR = 3_600_000;
const { start, restart } = useWorlds();

const clearanceOf = ({ as }: GovernanceWorld, id: string): Promise<Clearance> =>
  as(kernelPrincipal('workflow_engine')).getClearance({ id });

const SCOPES = [
  ['its host', 'host:box_linux'],
  ['an alias of its host', 'host:local'],
  ['its kind', 'kind:packages.repair'],
  ['its kernel', 'kernel:infrastructure_manager'],
  ['its target', 'target:host:box_linux'],
  ['its target by an alias', 'target:host:local'],
  ['its author', 'author:ann'],
] as const;

describe('a freeze of a scope', () => {
  it.each(SCOPES)('of %s blocks the change, saying who set it', async (_, scope) => {
    const world = await start();
    await world.as(bob).freeze({ scope, reason: 'audit' });
    const change = await world.untilState((await world.repair()).id, 'blocked');
    expect(change.reasons).toMatchObject([{ code: 'freeze_window' }]);
    expect(change.reasons[0]?.detail).toContain('is frozen by bob: audit');
    expect(world.fake.applied).toEqual([]);
  });

  it.each([
    'host:other',
    'kind:packages.update',
    'kernel:policy_engine',
    'target:host:other',
    'author:bob',
  ])('%s leaves other changes alone', async (scope) => {
    const world = await start();
    await world.api.freeze({ scope });
    const { id } = await world.repair();
    await world.untilState(id, 'applying');
    expect(await clearanceOf(world, id)).toMatchObject({ clear: true });
  });

  it.each(SCOPES)('of %s holds steps of what runs, until it is lifted', async (_, scope) => {
    const world = await start();
    const { id } = await world.repair();
    await world.untilState(id, 'applying');
    expect(await clearanceOf(world, id)).toEqual({ clear: true, code: null, detail: '' });
    await world.as(bob).freeze({ scope });
    expect(await clearanceOf(world, id)).toMatchObject({ clear: false, code: 'freeze_window' });
    await world.as(ann).unfreeze({ scope });
    expect(await clearanceOf(world, id)).toMatchObject({ clear: true });
  });

  it('by an alias of a host that nobody can look up now is lifted by the same name later', async () => {
    const world = await start();
    const ops = world.fake.ops as Record<string, unknown>;
    const { getHost } = ops;
    ops['getHost'] = () => Promise.reject(new Error('away'));
    await world.api.freeze({ scope: 'host:local' });
    ops['getHost'] = getHost;
    expect((await world.api.unfreeze({ scope: 'host:local' })).scopes).toEqual([]);
  });

  it('is over at the time that was said', async () => {
    const clock = createFakeClock();
    const world = await start({ clock });
    const { id } = await world.repair();
    await world.untilState(id, 'applying');
    const until = new Date(clock.now() + HOUR).toISOString();
    const freezing = world.api.freeze({ scope: 'host:local', reason: 'lunch', until });
    expect((await whileTimePasses(clock, freezing)).scopes).toEqual([
      { scope: 'host:box_linux', reason: 'lunch', by: 'ann', since: expect.any(String), until },
    ]);
    await clock.advance(Date.parse(until) - clock.now() - 1);
    expect(await clearanceOf(world, id)).toMatchObject({ clear: false });
    await clock.advance(1);
    expect(await clearanceOf(world, id)).toMatchObject({ clear: true });
    expect((await world.api.getFreeze({})).scopes).toEqual([]);
  });

  it('is not taken with a time that is over, nor the kill switch with one at all', async () => {
    const world = await start();
    const past = '2020-01-01T00:00:00.000Z';
    const future = '2120-01-01T00:00:00.000Z';
    expect(await refusal(world.api.freeze({ scope: 'host:x', until: past }))).toBe('invalid_input');
    expect(await refusal(world.api.freeze({ until: future }))).toBe('invalid_input');
    expect(await world.api.getFreeze({})).toMatchObject({ on: false, scopes: [] });
  });

  it('set again says the newer reason; lifted it is gone, each in one event', async () => {
    const world = await start();
    await world.api.freeze({ scope: 'kind:config', reason: 'one' });
    const { scopes } = await world.as(bob).freeze({ scope: 'kind:config', reason: 'two' });
    expect(scopes).toMatchObject([{ scope: 'kind:config', reason: 'two', by: 'bob' }]);
    await world.api.unfreeze({ scope: 'kind:config' });
    await world.api.unfreeze({ scope: 'kind:config' });
    expect((await world.api.getFreeze({})).scopes).toEqual([]);
    await world.world.waitForEvent(({ type }) => type === EVENT_TYPES.scopeThawed);
    const types = world.world.events.map(({ type }) => type);
    expect(types.filter((type) => type === EVENT_TYPES.scopeFrozen)).toHaveLength(2);
    expect(types.filter((type) => type === EVENT_TYPES.scopeThawed)).toHaveLength(1);
  });

  it('stays over a restart', async () => {
    const first = await start();
    const { id } = await first.repair();
    await first.untilState(id, 'applying');
    await first.api.freeze({ scope: 'host:local', reason: 'audit' });
    const world = await restart(first);
    expect(await clearanceOf(world, id)).toMatchObject({ clear: false, code: 'freeze_window' });
    await world.api.unfreeze({ scope: 'host:local' });
    expect(await clearanceOf(world, id)).toMatchObject({ clear: true });
  });

  it('is lifted by admins only', async () => {
    const world = await start();
    await world.as(bob).freeze({ scope: 'host:local' });
    expect(await refusal(world.as(bob).unfreeze({ scope: 'host:local' }))).toBe('forbidden');
  });

  it('set before an approval comes blocks the change then', async () => {
    const world = await start();
    const { id } = await proposeUpdate(world, { intent: { requires_approval: true } });
    await world.untilState(id, 'waiting');
    await world.api.freeze({ scope: 'host:local' });
    await world.approve(id, await world.enrol(bob));
    const { reasons } = await world.untilState(id, 'blocked');
    expect(reasons).toMatchObject([{ code: 'freeze_window' }]);
  });

  it('holds no undo that a failed change demands', async () => {
    const world = await start();
    const { id } = await world.repair();
    const { steps } = await world.untilState(id, 'applying');
    await world.api.freeze({ scope: 'host:local' });
    const done = steps.map((step) => ({ ...step, state: 'succeeded' as const }));
    await world.report(id, 1, { state: 'failed', steps: done, needs_revert: true });
    const { reverted_by } = await world.until(id, (one) => one.reverted_by !== null);
    await world.untilState(reverted_by!, 'applying');
    expect(await clearanceOf(world, reverted_by!)).toMatchObject({ clear: true });
  });
});

describe('freezing and thawing', () => {
  it('say whether there was anything to do', async () => {
    const { api } = await start();
    const scope = 'kind:config';
    expect(await api.unfreeze({ scope })).toMatchObject({ unfroze: 0, scopes: [] });
    expect(await api.freeze({ scope, reason: 'one' })).toMatchObject({ froze: 1 });
    expect(await api.freeze({ scope, reason: 'two' })).toMatchObject({
      froze: 0,
      scopes: [{ reason: 'two' }],
    });
    expect(await api.unfreeze({ scope: 'kind:policy' })).toMatchObject({
      unfroze: 0,
      scopes: [{}],
    });
    expect(await api.unfreeze({ scope })).toMatchObject({ unfroze: 1, scopes: [] });
    expect(await api.unfreeze({})).toMatchObject({ unfroze: 0, on: false });
    expect(await api.freeze({ reason: 'one' })).toMatchObject({ froze: 1 });
    expect(await api.freeze({ reason: 'two' })).toMatchObject({ froze: 0, reason: 'one' });
    expect(await api.unfreeze({})).toMatchObject({ unfroze: 1, on: false });
  });

  it('count a freeze once, whoever is first', async () => {
    const { api } = await start();
    const on = await Promise.all([api.freeze({ reason: 'a' }), api.freeze({ reason: 'b' })]);
    expect(on.map(({ froze }) => froze).toSorted()).toEqual([0, 1]);
    const off = await Promise.all([api.unfreeze({}), api.unfreeze({})]);
    expect(off.map(({ unfroze }) => unfroze).toSorted()).toEqual([0, 1]);
  });

  it('do not count what is over', async () => {
    const clock = createFakeClock();
    const { api } = await start({ clock });
    const scope = 'kind:config';
    const until = new Date(clock.now() + HOUR).toISOString();
    await whileTimePasses(clock, api.freeze({ scope, until }));
    await clock.advance(HOUR);
    expect(await api.unfreeze({ scope })).toMatchObject({ unfroze: 0 });
    expect(await whileTimePasses(clock, api.freeze({ scope }))).toMatchObject({ froze: 1 });
  });
});

describe('a freeze', () => {
  it('is in force at once, and answered once no clearance of before it lets a step start', async () => {
    const clock = createFakeClock();
    const world = await start({ clock });
    const { id } = await world.repair();
    await world.untilState(id, 'applying');
    let isAnswered = false;
    const freezing = world.api.freeze({ reason: 'stop' }).then(() => (isAnswered = true));
    await vi.waitFor(async () =>
      expect(await clearanceOf(world, id)).toMatchObject({ clear: false }),
    );
    await clock.advance(CLEARANCE_MS - 1);
    expect(await world.api.getFreeze({})).toMatchObject({ on: true });
    expect(isAnswered).toBe(false);
    expect(await whileTimePasses(clock, freezing)).toBe(true);
  });
});

describe('the kill switch', () => {
  it('goes before every scope, and is lifted without them', async () => {
    const world = await start();
    const { id } = await world.repair();
    await world.untilState(id, 'applying');
    await world.api.freeze({ scope: 'host:local', reason: 'audit' });
    await world.api.freeze({ reason: 'stop' });
    const held = await clearanceOf(world, id);
    expect(held).toMatchObject({ clear: false, code: 'kill_switch' });
    expect(held.detail).toContain('stop');
    expect(await world.api.unfreeze({})).toMatchObject({ on: false, scopes: [{}] });
    expect(await clearanceOf(world, id)).toMatchObject({ clear: false, code: 'freeze_window' });
  });

  it('holds also the undo that a failed change demands', async () => {
    const world = await start();
    const { id } = await world.repair();
    const { steps } = await world.untilState(id, 'applying');
    const done = steps.map((step) => ({ ...step, state: 'succeeded' as const }));
    await world.report(id, 1, { state: 'failed', steps: done, needs_revert: true });
    const { reverted_by } = await world.until(id, (one) => one.reverted_by !== null);
    await world.untilState(reverted_by!, 'applying');
    await world.api.freeze({ reason: 'stop' });
    expect(await clearanceOf(world, reverted_by!)).toMatchObject({ code: 'kill_switch' });
  });
});

describe('a freeze of a tripwire', () => {
  const touched = async () => {
    const world = await start();
    await world.enrol(robot);
    const { id } = await proposeUpdate(world, { by: robot, intent: { block_stop: true } });
    await world.untilState(id, 'blocked');
    return world;
  };

  it('is not lifted by anybody', async () => {
    const world = await touched();
    for (const scope of ['target:host:box_linux', 'target:host:local', 'author:robot'])
      expect(await refusal(world.as({ ...ann, role: 'owner' }).unfreeze({ scope }))).toBe(
        'tripwire',
      );
    const { scopes } = await world.api.getFreeze({});
    expect(scopes.map(({ scope }) => scope)).toEqual(['author:robot', 'target:host:box_linux']);
  });

  it('stands beside one that somebody sets, whichever is lifted first', async () => {
    const world = await touched();
    const scope = 'target:host:box_linux';
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await world.api.freeze({ scope, until });
    await world.api.unfreeze({ scope });
    expect(await refusal(world.api.unfreeze({ scope }))).toBe('tripwire');
    const change = await world.untilState((await world.repair()).id, 'blocked');
    expect(change.reasons[0]?.detail).toContain('is held by tripwire case');
  });
});

describe('a freeze window', () => {
  const profile = (scope?: string): Profile =>
    testProfile({
      gate: {
        ...testProfile().gate,
        freeze_windows: [
          {
            name: 'night',
            days: ['fri'],
            from: '22:00',
            to: '06:00',
            ...(scope === undefined ? {} : { scope }),
          },
        ],
      },
    });
  const at = async (time: string, scope?: string) => {
    const clock = createFakeClock(Date.parse(time));
    const world = await start({ clock, profile: profile(scope) });
    const { id } = await world.repair();
    const isDecided = ({ gate }: { gate: unknown }): boolean => gate !== null;
    return (await world.until(id, isDecided)).reasons;
  };

  it('blocks changes on both sides of midnight, and none before and after', async () => {
    expect(await at('2026-01-09T23:59:00Z')).toMatchObject([{ code: 'freeze_window' }]);
    const [reason] = await at('2026-01-10T00:01:00Z');
    expect(reason?.detail).toContain('night (22:00 to 06:00 UTC)');
    for (const time of ['2026-01-09T21:59:00Z', '2026-01-10T06:00:00Z', '2026-01-11T00:01:00Z'])
      expect((await at(time)).map(({ code }) => code)).not.toContain('freeze_window');
  });

  it('with a scope blocks only what falls into it', async () => {
    const time = '2026-01-09T23:59:00Z';
    expect(await at(time, 'host:box_linux')).toMatchObject([{ code: 'freeze_window' }]);
    expect((await at(time, 'host:other')).map(({ code }) => code)).not.toContain('freeze_window');
  });
});
