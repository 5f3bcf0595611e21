import { EVENT_TYPES, type Change } from '@holdfast/contracts';
import { classRule, createFakeClock, testProfile } from '@holdfast/testkit';
import { describe, expect, it } from 'vitest';
import { bob, refusal, type GovernanceWorld } from './test-support/governance-world.ts';
import { proposeUpdate } from './test-support/plans.ts';
import { useWorlds } from './test-support/use-worlds.ts';
import { whileTimePasses } from './test-support/while-time-passes.ts';

const { start, restart } = useWorlds();

const { gate } = testProfile();
const standard = classRule({ approval_from_risk: 'medium' });
const REVIEWED = testProfile({ gate: { ...gate, classes: { ...gate.classes, standard } } });

const codes = ({ reasons }: Change): string[] => reasons.map(({ code }) => code);

const hold = (world: GovernanceWorld, ttl_s?: number): Promise<Change> =>
  world.api.proposeChange({
    kind: 'packages.repair',
    target: { host: 'local' },
    hold: true,
    ...(ttl_s === undefined ? {} : { ttl_s }),
  });

describe('a change that is held', () => {
  it('is decided, and applied only once somebody asks for it', async () => {
    const clock = createFakeClock();
    const { world, api, started, untilState, ...rest } = await start({ clock });
    const { id, held } = await hold({ world, api, started, untilState, ...rest });
    expect(held).toBe(true);
    expect((await untilState(id, 'approved')).gate).toMatchObject({ allowed: true });
    await clock.advance(600_000);
    expect(started).toEqual([]);
    const released = await api.applyChange({ id });
    expect(released).toMatchObject({ held: false, state: 'approved' });
    await untilState(id, 'applying');
    const event = await world.waitForEvent(({ type }) => type === EVENT_TYPES.changeReleased);
    expect(event).toMatchObject({ subject: `changes/${id}`, data: { change: id } });
  });

  it('can be asked for before it is decided, and more than once', async () => {
    const world = await start();
    world.policy.away = true;
    const { id } = await hold(world);
    await world.until(id, (one) => codes(one).includes('kernel_unavailable'));
    await world.api.applyChange({ id });
    const { version } = await world.api.getChange({ id });
    await world.api.applyChange({ id });
    expect((await world.api.getChange({ id })).version).toBe(version);
    world.policy.away = false;
    await world.untilState(id, 'applying');
    expect(await refusal(world.api.applyChange({ id }))).toBe('change_state');
  });

  it('stays held over a restart', async () => {
    const first = await start();
    const { id } = await hold(first);
    await first.untilState(id, 'approved');
    const world = await restart(first);
    expect(await world.api.getChange({ id })).toMatchObject({ state: 'approved', held: true });
    await world.api.applyChange({ id });
    await world.untilState(id, 'applying');
  });

  it('expires when nobody asks in the time that was given, and cannot be asked for then', async () => {
    const clock = createFakeClock();
    const world = await start({ clock });
    const { id, created_at, expires_at } = await hold(world, 90);
    expect(Date.parse(expires_at) - Date.parse(created_at)).toBe(90_000);
    await world.untilState(id, 'approved');
    await clock.advance(90_000);
    expect((await world.untilState(id, 'expired')).reasons[0]?.code).toBe('expired');
    expect(await refusal(world.api.applyChange({ id }))).toBe('change_state');
    expect(world.started).toEqual([]);
  });

  it('is given no more time than the profile allows', async () => {
    const clock = createFakeClock();
    const world = await start({ clock });
    const { created_at, expires_at } = await hold(world, 2_000_000);
    expect(Date.parse(expires_at) - Date.parse(created_at)).toBe(gate.change_ttl_s * 1000);
  });

  it('can be cancelled, and then not be asked for', async () => {
    const world = await start();
    const { id } = await hold(world);
    await world.untilState(id, 'approved');
    await world.api.cancelChange({ id });
    expect(await refusal(world.api.applyChange({ id }))).toBe('change_state');
    expect(world.started).toEqual([]);
  });

  it('is not the matter of who may only look', async () => {
    const world = await start();
    const { id } = await hold(world);
    const viewer = { ...bob, role: 'viewer' } as const;
    expect(await refusal(world.as(viewer).applyChange({ id }))).toBe('forbidden');
  });
});

describe('a decision', () => {
  it('on what was on hold is made again before it is acted on, and any that is old', async () => {
    const clock = createFakeClock();
    const world = await start({ clock });
    const { id } = await hold(world);
    const { gate: before } = await world.untilState(id, 'approved');
    const asked = world.policy.asked.length;
    await clock.advance(29_000);
    await world.api.applyChange({ id });
    const applied = await world.untilState(id, 'applying');
    expect(applied.gate?.decided_at).not.toBe(before?.decided_at);
    expect(world.policy.asked).toHaveLength(asked + 1);

    await world.report(id, 1, { state: 'done' });
    const next = await hold(world);
    const { gate: first } = await world.untilState(next.id, 'approved');
    await clock.advance(30_000);
    await world.api.applyChange({ id: next.id });
    const again = await world.untilState(next.id, 'applying');
    expect(again.gate?.decided_at).not.toBe(first?.decided_at);
    expect(world.policy.asked).toHaveLength(asked + 3);
  });

  it('does not hold for a world that moved since', async () => {
    const clock = createFakeClock();
    const world = await start({ clock });
    const { id } = await hold(world);
    await world.untilState(id, 'approved');
    await clock.advance(60_000);
    world.fake.installed = { ...world.fake.installed, flask: '2.9.0' };
    await world.api.applyChange({ id });
    const blocked = await world.untilState(id, 'blocked');
    expect(codes(blocked)).toEqual(['plan_stale']);
    expect(world.started).toEqual([]);
  });

  it.each([
    ['at once', 0],
    ['a minute later', 60_000],
  ])('does not outlive the key that it rests on, asked for %s', async (_, after) => {
    const clock = createFakeClock();
    const world = await start({ clock, profile: REVIEWED });
    const bobs = await world.enrol(bob);
    const { id } = await proposeUpdate(world, { hold: true });
    await world.untilState(id, 'waiting');
    await world.approve(id, bobs);
    await world.untilState(id, 'approved');
    const revoked = world.as(bob).revokeKey({ id: bobs.keyId });
    await clock.advance(after);
    // The gate may have asked again before it is asked for.
    await Promise.allSettled([revoked, world.api.applyChange({ id })]);
    const blocked = await world.untilState(id, 'blocked');
    expect(blocked.gate?.first).toBe('approval_required');
    expect(world.started).toEqual([]);
  });

  it('does not outlive the one who made it possible', async () => {
    const clock = createFakeClock();
    const world = await start({ clock, profile: REVIEWED });
    const { id } = await proposeUpdate(world, { hold: true });
    await world.untilState(id, 'waiting');
    await world.approve(id, await world.enrol(bob));
    await world.untilState(id, 'approved');
    await world.api.updatePrincipal({ id: 'bob', state: 'disabled' });
    expect((await world.untilState(id, 'blocked')).gate?.first).toBe('approval_required');
  });

  it('does not hold where policies or freezes have changed since', async () => {
    const clock = createFakeClock();
    const world = await start({ clock });
    const first = await hold(world);
    await world.untilState(first.id, 'approved');
    world.policy.denials = ['not any more'];
    await clock.advance(30_000);
    await world.api.applyChange({ id: first.id });
    expect(codes(await world.untilState(first.id, 'blocked'))).toEqual(['policy_denied']);

    world.policy.denials = [];
    const second = await hold(world);
    await world.untilState(second.id, 'approved');
    await whileTimePasses(clock, world.api.freeze({ scope: 'host:local' }));
    await clock.advance(30_000);
    await world.api.applyChange({ id: second.id });
    expect(codes(await world.untilState(second.id, 'blocked'))).toEqual(['freeze_window']);
    expect(world.started).toEqual([]);
  });

  it('is not acted on while the kill switch is on, however young', async () => {
    const world = await start();
    const { id } = await hold(world);
    await world.untilState(id, 'approved');
    await world.api.freeze({ reason: 'stop' });
    await world.api.applyChange({ id });
    expect(codes(await world.untilState(id, 'blocked'))).toEqual(['kill_switch']);
    expect(world.started).toEqual([]);
  });
});
