import type { Change, Principal, Profile } from '@holdfast/contracts';
import { createFakeClock, testProfile } from '@holdfast/testkit';
import { describe, expect, it } from 'vitest';
import { ann, bob, robot, type GovernanceWorld } from '../test-support/governance-world.ts';
import { proposeUpdate } from '../test-support/plans.ts';
import { useWorlds } from '../test-support/use-worlds.ts';
import { whileTimePasses } from '../test-support/while-time-passes.ts';

const { start, restart } = useWorlds();

const HOUR_MS = 3_600_000;
const limited = (limits: Partial<Profile['limits']>): Profile =>
  testProfile({ limits: { ...testProfile().limits, ...limits } });
const COOL = testProfile({ gate: { ...testProfile().gate, cooldown_s: 60 } });

const codes = ({ reasons }: Change): string[] => reasons.map(({ code }) => code);

/** Proposes a change that waits for an approval or is refused; ends it where it waits. */
const wish = async (world: GovernanceWorld, by: Principal = ann): Promise<string[]> => {
  const { id } = await proposeUpdate(world, { by, intent: { requires_approval: true } });
  const change = await world.until(id, ({ gate }) => gate !== null);
  if (change.state === 'waiting') {
    await world.api.cancelChange({ id });
    await world.untilState(id, 'cancelled');
  }
  return codes(change);
};

/** Ends a change like a run does that failed half-way. */
const failHalfWay = async (world: GovernanceWorld, id: string): Promise<string> => {
  const { steps } = await world.untilState(id, 'applying');
  const done = steps.map((step) => ({ ...step, state: 'succeeded' as const }));
  await world.report(id, 1, { state: 'failed', steps: done, needs_revert: true });
  const { reverted_by } = await world.until(id, (one) => one.reverted_by !== null);
  return reverted_by!;
};

const finish = async (world: GovernanceWorld, id: string): Promise<void> => {
  const { steps } = await world.untilState(id, 'applying');
  const done = steps.map((step) => ({ ...step, state: 'succeeded' as const }));
  await world.report(id, 1, { state: 'done', steps: done });
  await world.untilState(id, 'done');
};

describe('a cool-down', () => {
  it('holds the next change of the kind on the target until it is over', async () => {
    const clock = createFakeClock();
    const world = await start({ clock, profile: COOL });
    await finish(world, (await world.repair()).id);
    const blocked = await world.untilState((await world.repair()).id, 'blocked');
    expect(codes(blocked)).toEqual(['cooldown_active']);
    expect(blocked.reasons[0]?.detail).toContain(new Date(clock.now() + 60_000).toISOString());
    expect(await wish(world)).toEqual(['approval_required']);
    await clock.advance(59_999);
    expect(codes(await world.untilState((await world.repair()).id, 'blocked'))).toEqual([
      'cooldown_active',
    ]);
    await clock.advance(1);
    await world.untilState((await world.repair()).id, 'applying');
  });

  it('counts from the end over a restart, and not from what was never applied', async () => {
    const clock = createFakeClock();
    const first = await start({ clock, profile: COOL });
    const { id } = await proposeUpdate(first, { intent: { requires_approval: true } });
    await first.untilState(id, 'waiting');
    await first.api.cancelChange({ id });
    await finish(first, (await first.repair()).id);
    const world = await restart(first, { clock, profile: COOL });
    expect(await wish(world)).toEqual(['approval_required']);
    expect(codes(await world.untilState((await world.repair()).id, 'blocked'))).toEqual([
      'cooldown_active',
    ]);
  });

  it('makes no undo wait', async () => {
    const clock = createFakeClock();
    const world = await start({ clock, profile: COOL });
    const undo = await failHalfWay(world, (await world.repair()).id);
    await world.untilState(undo, 'applying');
    await world.report(undo, 1, { state: 'done' });
    await world.untilState(undo, 'done');
    await clock.advance(60_000);
    const { id } = await world.repair();
    await finish(world, id);
    const asked = await world.as(bob).revertChange({ id });
    expect(codes(await world.untilState(asked.id, 'waiting'))).toEqual(['approval_required']);
  });
});

describe('a budget', () => {
  it('of open changes takes as many as it says, and blocks the next', async () => {
    const world = await start({ profile: limited({ max_open_changes: 2 }) });
    const quorum = (cls: string) =>
      world.api.proposeChange({
        kind: 'quorum',
        target: { quorum: cls },
        intent: { class: cls, voters: ['owner'], k: 1 },
      });
    const { id } = await world.repair();
    await world.untilState(id, 'applying');
    await world.untilState((await quorum('standard')).id, 'waiting');
    const third = await world.untilState((await quorum('security')).id, 'blocked');
    expect(third.gate?.first).toBe('budget_exhausted');
    expect(third.reasons[0]?.detail).toContain('3 changes are open, the limit is 2');
    await finish(world, id);
    await world.untilState((await quorum('security')).id, 'waiting');
  });

  it('of an hour counts what was proposed in it, and not what was blocked', async () => {
    const clock = createFakeClock();
    const world = await start({ clock, profile: limited({ max_changes_per_hour: 2 }) });
    expect(await wish(world)).toEqual(['approval_required']);
    await clock.advance(1_000);
    expect(await wish(world, bob)).toEqual(['approval_required']);
    for (let round = 0; round < 3; round += 1)
      expect(await wish(world)).toEqual(['budget_exhausted', 'approval_required']);
    await clock.advance(HOUR_MS - 1_000);
    expect(await wish(world)).toEqual(['approval_required']);
    expect(await wish(world)).toEqual(['budget_exhausted', 'approval_required']);
  });

  it('of a program is its own: people and other programs have theirs', async () => {
    const world = await start({ profile: limited({ max_ai_changes_per_hour: 1 }) });
    const other: Principal = { ...robot, id: 'robot-2' };
    expect(await wish(world, robot)).toEqual(['approval_required']);
    expect(await wish(world, robot)).toEqual(['budget_exhausted', 'approval_required']);
    expect(await wish(world, other)).toEqual(['approval_required']);
    expect(await wish(world)).toEqual(['approval_required']);
    expect(await wish(world)).toEqual(['approval_required']);
  });

  it('is not used up by an undo that a failed change demands, nor does it hold one', async () => {
    const limits = { max_open_changes: 1, max_changes_per_hour: 2, max_ai_changes_per_hour: 2 };
    const world = await start({ profile: limited(limits) });
    const { id } = await world.as(robot).proposeChange({
      kind: 'packages.repair',
      target: { host: 'local' },
    });
    const undo = await failHalfWay(world, id);
    await world.untilState(undo, 'applying');
    await world.report(undo, 1, { state: 'done' });
    await world.untilState(id, 'reverted');
    expect(await wish(world, robot)).toEqual(['approval_required']);
    expect(await wish(world, robot)).toEqual(['budget_exhausted', 'approval_required']);
  });
});

describe('policies', () => {
  it('that deny block the change with what they say', async () => {
    const world = await start();
    world.policy.denials = ['no pip on Fridays', 'ask the team first'];
    const change = await world.untilState((await world.repair()).id, 'blocked');
    expect(change).toMatchObject({ gate: { first: 'policy_denied', allowed: false } });
    expect(change.reasons[0]?.detail).toContain('no pip on Fridays; ask the team first');
    expect(world.started).toEqual([]);
  });

  it('are asked about the plan, the author and the host', async () => {
    const world = await start();
    const { id } = await world.repair();
    await world.untilState(id, 'applying');
    expect(world.policy.asked).toMatchObject([
      {
        change: id,
        kind: 'packages.repair',
        class: 'standard',
        risk: 'low',
        author: { id: 'ann', kind: 'human', role: 'admin' },
        host: { id: 'box_linux' },
      },
    ]);
  });

  it('that cannot be asked allow nothing: the change waits for them, and goes on after', async () => {
    const world = await start();
    world.policy.away = true;
    const { id } = await world.repair();
    const held = await world.until(id, ({ reasons }) => reasons[0]?.code === 'kernel_unavailable');
    expect(held).toMatchObject({ state: 'verified', gate: null });
    expect(world.started).toEqual([]);
    world.policy.away = false;
    await world.untilState(id, 'applying');
  });

  it('that stay away end the change, with nothing applied', async () => {
    const clock = createFakeClock();
    const world = await start({ clock });
    world.policy.away = true;
    const { id } = await world.repair();
    await world.until(id, ({ reasons }) => reasons[0]?.code === 'kernel_unavailable');
    const failed = await whileTimePasses(clock, world.untilState(id, 'failed'));
    expect(codes(failed)).toEqual(['plan_failed']);
    expect(world.started).toEqual([]);
  });

  it('that cannot be asked when an approval comes hold the change where it is', async () => {
    const world = await start();
    const { id } = await proposeUpdate(world, { intent: { requires_approval: true } });
    await world.untilState(id, 'waiting');
    world.policy.away = true;
    await world.approve(id, await world.enrol(bob));
    const held = await world.until(id, ({ reasons }) => reasons[0]?.code === 'kernel_unavailable');
    expect(held.state).toBe('waiting');
    world.policy.away = false;
    await world.untilState(id, 'applying');
  });

  it('are asked about an undo that a failed change demands, too', async () => {
    const world = await start();
    const { id } = await world.repair();
    await world.untilState(id, 'applying');
    world.policy.denials = ['nothing at all'];
    const undo = await failHalfWay(world, id);
    expect(await world.untilState(undo, 'blocked')).toMatchObject({
      gate: { first: 'policy_denied' },
    });
    expect((await world.untilState(id, 'failed')).reasons.at(-1)?.detail).toContain('its undo');
  });
});
