import type { Declarer, Principal } from '@holdfast/contracts';
import { describe, expect, it } from 'vitest';
import { ann, bob, cid, robot, type GovernanceWorld } from '../test-support/governance-world.ts';
import { draftWith } from '../test-support/plans.ts';
import { useWorlds } from '../test-support/use-worlds.ts';

const { start } = useWorlds();

/** The risk that a repair comes to, with its reasons, proposed and thought about. */
const repairBy = async (world: GovernanceWorld, by: Principal) => {
  const wish = { kind: 'packages.repair', target: { host: 'local' } } as const;
  const { risk, risk_reasons } = await world.as(by).simulateChange(wish);
  const { id } = await world.as(by).proposeChange({ ...wish, hold: true });
  const change = await world.until(id, (one) => one.plan !== null);
  expect(change).toMatchObject({ risk, risk_reasons });
  await world.as(by).cancelChange({ id });
  return { risk, risk_reasons };
};

/** Makes the plans of a world restore what somebody declared. */
const declare = (world: GovernanceWorld, declarer: Declarer): void => {
  const steps = world.fake.ops['planChange']!({
    kind: 'packages.repair',
    target: { host: 'local' },
    intent: {},
  } as never) as { steps: { effect: object }[] };
  const declared = steps.steps.map((step) => ({
    ...step,
    effect: { ...step.effect, ...declarer },
  }));
  draftWith(world, { steps: declared as never });
};

const declaredByAnn = async (): Promise<GovernanceWorld> => {
  const world = await start();
  declare(world, { declared_by: 'ann' });
  return world;
};

describe('a repair toward a baseline', () => {
  it('is medium risk for who declared it, and says so', async () => {
    const world = await declaredByAnn();
    expect(await repairBy(world, ann)).toEqual({
      risk: 'medium',
      risk_reasons: ['restores a baseline that its author declared'],
    });
  });

  it('is low risk for somebody else', async () => {
    const world = await declaredByAnn();
    expect(await repairBy(world, bob)).toEqual({
      risk: 'low',
      risk_reasons: ['restores the declared baseline'],
    });
  });

  it('is medium risk for a program that works for who declared it', async () => {
    const world = await declaredByAnn();
    await world.enrol(robot, 'ann');
    expect(await repairBy(world, robot)).toMatchObject({ risk: 'medium' });
  });

  it('is medium risk with a token that was made by who declared it', async () => {
    const world = await declaredByAnn();
    await world.enrol(ann);
    await world.enrol(bob);
    const { record } = await world.as(ann).createToken({ principal: 'bob' });
    expect(await repairBy(world, { ...bob, token: record.id })).toMatchObject({ risk: 'medium' });
  });

  it('is medium risk for who made the token that it was declared with, and for nobody else', async () => {
    const world = await start();
    for (const one of [ann, bob, cid]) await world.enrol(one);
    const { record } = await world.as(ann).createToken({ principal: 'bob' });
    declare(world, { declared_by: 'bob', declared_with: record.id });
    expect(await repairBy(world, ann)).toMatchObject({ risk: 'medium' });
    expect(await repairBy(world, bob)).toMatchObject({ risk: 'medium' });
    expect(await repairBy(world, cid)).toMatchObject({ risk: 'low' });
  });

  it('is medium risk for anybody once nobody knows who made that token', async () => {
    const world = await start();
    declare(world, { declared_by: 'ann', declared_with: 'tok_forgotten' });
    expect(await repairBy(world, bob)).toMatchObject({ risk: 'medium' });
  });
});
