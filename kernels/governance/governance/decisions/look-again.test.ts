import type { Change } from '@holdfast/contracts';
import { classRule, owner, testProfile } from '@holdfast/testkit';
import { describe, expect, it } from 'vitest';
import { ann, bob, cid, dan, type GovernanceWorld } from '../test-support/governance-world.ts';
import { proposeUpdate } from '../test-support/plans.ts';
import { useWorlds } from '../test-support/use-worlds.ts';

const { start } = useWorlds();

const { gate } = testProfile();
const withRules = (
  standard: Parameters<typeof classRule>[0],
  covenant: Parameters<typeof classRule>[0] = {},
) =>
  testProfile({
    gate: {
      ...gate,
      classes: {
        ...gate.classes,
        standard: classRule({ approval_from_risk: 'medium', ...standard }),
        covenant: classRule(covenant),
      },
    },
  });

const lacks =
  (words: string) =>
  ({ reasons }: Change): boolean =>
    reasons.some(({ detail }) => detail.includes(words));

/** A change that waits for three people and has the yes of bob and of cid; dan may end the waiting of others. */
const withTwo = async () => {
  const world = await start({ profile: withRules({ approvals: 3 }) });
  const { id } = await proposeUpdate(world);
  await world.untilState(id, 'waiting');
  const bobs = await world.enrol(bob);
  const cids = await world.enrol(cid);
  await world.enrol(dan);
  await world.approve(id, bobs);
  await world.approve(id, cids);
  await world.until(id, lacks('2 of 3 people approved'));
  return { ...world, id, bobs, cids };
};

describe('a change that waits is looked at again, and says so without another word to it,', () => {
  const cases: [string, (world: Awaited<ReturnType<typeof withTwo>>) => Promise<unknown>][] = [
    ['when a key is revoked', ({ as, bobs }) => as(bob).revokeKey({ id: bobs.keyId })],
    [
      'when somebody is disabled',
      ({ as }) => as(owner).updatePrincipal({ id: 'bob', state: 'disabled' }),
    ],
    [
      'when somebody may not decide any more',
      ({ as }) => as(owner).updatePrincipal({ id: 'bob', role: 'viewer' }),
    ],
    [
      'when two who approved turn out to be one person',
      ({ as }) => as(owner).updatePrincipal({ id: 'bob', person: 'cid' }),
    ],
  ];

  it.each(cases)('%s', async (_, act) => {
    const world = await withTwo();
    await act(world);
    const after = await world.until(world.id, lacks('1 of 3 people approved'));
    expect(after.state).toBe('waiting');
    expect(after.approvals).toHaveLength(2);
  });

  it('also when somebody may decide again', async () => {
    const world = await withTwo();
    await world.as(owner).updatePrincipal({ id: 'bob', role: 'viewer' });
    await world.until(world.id, lacks('1 of 3 people approved'));
    await world.as(owner).updatePrincipal({ id: 'bob', role: 'operator' });
    const after = await world.until(world.id, lacks('2 of 3 people approved'));
    expect(after.state).toBe('waiting');
  });

  it('when who approved turns out to be the author', async () => {
    const world = await withTwo();
    await world.enrol(ann);
    await world.as(owner).updatePrincipal({ id: 'bob', person: 'ann' });
    const after = await world.until(world.id, lacks('1 of 3 people approved'));
    expect(after.state).toBe('waiting');
  });
});

describe('what was approved and is on hold', () => {
  it('is blocked at once by the gate when the key of an approver is revoked', async () => {
    const world = await start({ profile: withRules({}) });
    const bobs = await world.enrol(bob);
    const { id } = await proposeUpdate(world, { hold: true });
    await world.untilState(id, 'waiting');
    await world.approve(id, bobs);
    await world.untilState(id, 'approved');
    await world.as(bob).revokeKey({ id: bobs.keyId });
    const blocked = await world.untilState(id, 'blocked');
    expect(blocked.gate?.first).toBe('approval_required');
    expect(world.started).toEqual([]);
  });
});

describe('the voters of a class', () => {
  const carryOut = async (world: GovernanceWorld, id: string): Promise<void> => {
    const { plan } = await world.untilState(id, 'applying');
    const [step] = plan!.steps;
    const engine = world.as({ id: 'kernel:workflow_engine', kind: 'kernel', role: 'kernel' });
    const { key, do: action } = step!;
    const { target } = plan!;
    await engine.applyStep({
      ...{ run: id, step: key, target, action },
      ...{ fence: 1, timeout_ms: 1_000, wait_ms: 0 },
    });
    await world.report(id, 9, { state: 'done' });
    await world.untilState(id, 'done');
  };

  it('lose what they approved with their vote, at once', async () => {
    const world = await start({ profile: withRules({ approvals: 2 }) });
    const signers = [await world.enrol(bob), await world.enrol(cid), await world.enrol(dan)];
    const name = async (voters: string[]): Promise<void> => {
      const { id } = await world.api.proposeChange({
        kind: 'quorum',
        target: { quorum: 'standard' },
        intent: { class: 'standard', voters, k: 2 },
      });
      await world.until(id, ({ state }) => ['waiting', 'applying'].includes(state));
      for (const signer of signers) {
        const { state } = await world.api.getChange({ id });
        if (state === 'waiting') await world.approve(id, signer).catch(() => undefined);
      }
      await carryOut(world, id);
    };
    await name(['bob', 'cid', 'dan']);
    const { id } = await proposeUpdate(world);
    await world.untilState(id, 'waiting');
    await world.approve(id, signers[2]!);
    await world.until(id, lacks('1 of 2 people approved'));
    await name(['bob', 'cid']);
    const after = await world.until(id, lacks('0 of 2 people approved'));
    expect(after.state).toBe('waiting');
  });
});
