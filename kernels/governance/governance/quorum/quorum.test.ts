import {
  EVENT_TYPES,
  kernelPrincipal,
  twoThirds,
  type Change,
  type ClassRule,
  type PlanClass,
  type Principal,
} from '@holdfast/contracts';
import { classRule, testProfile } from '@holdfast/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ann,
  bob,
  cid,
  dan,
  refusal,
  robot,
  type GovernanceWorld,
} from '../test-support/governance-world.ts';
import { draftWith, proposeUpdate } from '../test-support/plans.ts';
import { useWorlds } from '../test-support/use-worlds.ts';

const { start, restart } = useWorlds();

const eve: Principal = { id: 'eve', kind: 'human', role: 'operator' };

const profileWith = (covenant: Partial<ClassRule>, others: Partial<ClassRule> = {}) => {
  const { gate } = testProfile();
  const classes = {
    standard: classRule({ approval_from_risk: 'high', ...others }),
    security: classRule(covenant),
    covenant: classRule(covenant),
  };
  return testProfile({ gate: { ...gate, classes } });
};
const ENTERPRISE = profileWith({
  approval_from_risk: 'low',
  approvals: 2,
  quorum: 'two_thirds',
  min_voters: 3,
});
const TEAM = profileWith({ approval_from_risk: 'low' });
const ALONE = profileWith({});

const proposeQuorum = (
  { as }: GovernanceWorld,
  cls: PlanClass,
  voters: string[],
  k: number,
  by: Principal = ann,
): Promise<Change> =>
  as(by).proposeChange({
    kind: 'quorum',
    target: { quorum: cls },
    intent: { class: cls, voters, k },
  });

/** Carries out an allowed change like the workflow engine would. */
const carryOut = async (world: GovernanceWorld, id: string, fence = 1): Promise<Change> => {
  const { plan } = await world.untilState(id, 'applying');
  const engine = world.as(kernelPrincipal('workflow_engine'));
  for (const { key, do: action } of plan!.steps) {
    const { target } = plan!;
    const step = { run: id, step: key, target, action, fence, timeout_ms: 1_000, wait_ms: 0 };
    expect(await engine.applyStep(step)).toMatchObject({ status: 'succeeded' });
  }
  const observation = await engine.observeChange({ plan: plan!, undone: false });
  expect(observation.status).toBe('as_planned');
  const steps = plan!.steps.map(({ key }) => ({
    key,
    state: 'succeeded' as const,
    attempts: 1,
    outcome: null,
    started_at: null,
    finished_at: null,
  }));
  await world.report(id, 9, { state: 'done', steps, observation });
  return world.untilState(id, 'done');
};

const enrolAll = async (world: GovernanceWorld, people: Principal[]) => {
  const signers = [];
  for (const one of people) signers.push(await world.enrol(one));
  return signers;
};

const votersOf = async ({ api }: GovernanceWorld, cls: PlanClass) => {
  const { items } = await api.getQuorums({});
  return items.find((one) => one.class === cls)!;
};

/** A world in which bob, cid and dan decide about a class. */
const founded = async (cls: PlanClass, k: number, profile = ENTERPRISE) => {
  const world = await start({ profile });
  const signers = await enrolAll(world, [bob, cid, dan]);
  await enrolAll(world, [ann, eve]);
  const { id } = await proposeQuorum(world, cls, ['bob', 'cid', 'dan'], k);
  await world.untilState(id, 'waiting');
  for (const signer of signers) await world.approve(id, signer);
  await carryOut(world, id);
  return { ...world, world, signers, foundedBy: id };
};

describe('more than two thirds', () => {
  it('is the least number that is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), (n) => {
        const k = twoThirds(n);
        expect(3 * k).toBeGreaterThan(2 * n);
        expect(3 * (k - 1)).toBeLessThanOrEqual(2 * n);
        expect(k).toBeLessThanOrEqual(n);
      }),
    );
  });
});

describe('the voters of a class', () => {
  it('are founded by all that they need themselves, and by nobody else', async () => {
    const world = await start({ profile: ENTERPRISE });
    const signers = await enrolAll(world, [bob, cid, dan]);
    const [anns, eves] = await enrolAll(world, [ann, eve]);
    const { id } = await proposeQuorum(world, 'covenant', ['bob', 'cid', 'dan'], 3);
    const waiting = await world.untilState(id, 'waiting');
    expect(waiting).toMatchObject({ risk: 'high', plan: { class: 'covenant' } });
    const plan_hash = waiting.plan!.hash;
    const asEve = { id, plan_hash, signature: eves!.signFor(waiting) };
    expect(await refusal(world.as(eve).approveChange(asEve))).toBe('not_a_voter');
    const asAnn = { id, plan_hash, signature: anns!.signFor(waiting) };
    expect(await refusal(world.as(ann).approveChange(asAnn))).toBe('self_approval');
    for (const [index, signer] of signers.entries()) {
      const change = await world.approve(id, signer);
      if (index < 2) expect(change.state).toBe('waiting');
    }
    await carryOut(world, id);
    expect(await votersOf(world, 'covenant')).toMatchObject({
      voters: ['bob', 'cid', 'dan'],
      k: 3,
      revision: 1,
      changed_by: id,
    });
    const event = await world.world.waitForEvent(({ type }) => type === EVENT_TYPES.quorumChanged);
    expect(event.data).toMatchObject({ before: { voters: [] }, after: { k: 3 } });
  });

  it('need more than two thirds of themselves to be founded, however few are to decide later', async () => {
    const world = await start({ profile: TEAM });
    const signers = await enrolAll(world, [bob, cid, dan]);
    const { id } = await proposeQuorum(world, 'standard', ['bob', 'cid', 'dan'], 1);
    await world.untilState(id, 'waiting');
    await world.approve(id, signers[0]!);
    await world.approve(id, signers[1]!);
    const told = await world.until(id, ({ reasons }) => reasons[0]!.detail.includes('2 of 3'));
    expect(told.state).toBe('waiting');
    await world.approve(id, signers[2]!);
    await carryOut(world, id);
    expect(await votersOf(world, 'standard')).toMatchObject({ k: 1 });
  });

  it.each([
    ['a voter twice', 'covenant', ['bob', 'bob', 'cid'], 3],
    ['too few voters', 'covenant', ['bob', 'cid'], 2],
    ['more than there are', 'covenant', ['bob', 'cid', 'dan'], 4],
    ['too few of them', 'covenant', ['bob', 'cid', 'dan'], 2],
    ['somebody unknown', 'covenant', ['bob', 'cid', 'nobody'], 3],
    ['a program', 'covenant', ['bob', 'cid', 'robot'], 3],
    ['a person twice', 'covenant', ['bob', 'cid', 'bob-at-home'], 3],
    ['somebody who is disabled', 'covenant', ['bob', 'cid', 'eve'], 3],
    ['fewer approvals than the class needs', 'standard', ['bob', 'cid'], 1],
  ] as const)('cannot be %s', async (_, cls, voters, k) => {
    const world = await start({
      profile: profileWith(ENTERPRISE.gate.classes.covenant, { approvals: 2 }),
    });
    await enrolAll(world, [bob, cid, dan, eve, robot]);
    await world.enrol({ id: 'bob-at-home', kind: 'human', role: 'operator' }, 'bob');
    await world.as(ann).updatePrincipal({ id: 'eve', state: 'disabled' });
    const { id } = await proposeQuorum(world, cls, [...voters], k);
    const { reasons } = await world.untilState(id, 'failed');
    expect(reasons).toMatchObject([{ code: 'quorum_invalid' }]);
  });

  it('are not planned for another class than the target names', async () => {
    const world = await start({ profile: ALONE });
    const { id } = await world.api.proposeChange({
      kind: 'quorum',
      target: { quorum: 'standard' },
      intent: { class: 'covenant', voters: ['owner'], k: 1 },
    });
    const { reasons } = await world.untilState(id, 'failed');
    expect(reasons).toMatchObject([{ code: 'quorum_invalid' }]);
  });

  it('are changed by one at a time', async () => {
    const world = await start({ profile: ENTERPRISE });
    await enrolAll(world, [bob, cid, dan, eve]);
    const calls = [
      proposeQuorum(world, 'covenant', ['bob', 'cid', 'dan'], 3),
      proposeQuorum(world, 'covenant', ['bob', 'cid', 'eve'], 3),
    ];
    const codes = await Promise.all(calls.map(refusal));
    expect(codes.toSorted()).toEqual(['change_conflict', 'not refused']);
    const other = proposeQuorum(world, 'security', ['bob', 'cid', 'eve'], 3);
    expect(await refusal(other)).toBe('not refused');
  });

  it('that are the same already need no change', async () => {
    const { world } = await founded('covenant', 3);
    const { id } = await proposeQuorum(world, 'covenant', ['bob', 'cid', 'dan'], 3);
    const { reasons } = await world.untilState(id, 'failed');
    expect(reasons).toMatchObject([{ code: 'nothing_to_do' }]);
  });

  it('are set once, also when the step is handed out again, and not by who was fenced off', async () => {
    const { world, foundedBy: run } = await founded('covenant', 3);
    const { plan } = await world.api.getChange({ id: run });
    const { target, steps } = plan!;
    const engine = world.as(kernelPrincipal('workflow_engine'));
    const { key: step, do: action } = steps[0]!;
    const again = { run, step, target, action, timeout_ms: 1_000, wait_ms: 0 };
    expect(await engine.applyStep({ ...again, fence: 2 })).toMatchObject({ status: 'succeeded' });
    expect(await votersOf(world, 'covenant')).toMatchObject({ revision: 1 });
    expect(await refusal(engine.applyStep({ ...again, fence: 0 }))).toBe('fenced');
  });
});

describe('changing voters', () => {
  it('takes the voters that there were, at their number', async () => {
    const { world, signers } = await founded('covenant', 3);
    const eves = await world.enrol({ ...eve, id: 'eve-2' });
    const { id } = await proposeQuorum(world, 'covenant', ['bob', 'cid', 'eve-2'], 3);
    const waiting = await world.untilState(id, 'waiting');
    const asEve = { id, plan_hash: waiting.plan!.hash, signature: eves.signFor(waiting) };
    expect(await refusal(world.as(eves.principal).approveChange(asEve))).toBe('not_a_voter');
    await world.approve(id, signers[0]!);
    await world.approve(id, signers[1]!);
    expect((await votersOf(world, 'covenant')).voters).toContain('dan');
    expect(world.started.map(({ change }) => change)).not.toContain(id);
    await world.approve(id, signers[2]!);
    await carryOut(world, id);
    expect(await votersOf(world, 'covenant')).toMatchObject({
      voters: ['bob', 'cid', 'eve-2'],
      revision: 2,
    });
  });

  it('leaves a removed voter without a word, also in what they approved before', async () => {
    const { world, signers } = await founded('security', 3);
    const [bobs, cids, dans] = signers;
    draftWith(world, { class: 'security' });
    const update = await proposeUpdate(world);
    await world.untilState(update.id, 'waiting');
    await world.approve(update.id, dans!);
    await world.until(update.id, ({ gate }) => gate?.first === 'quorum_missing');
    const swap = await proposeQuorum(world, 'security', ['bob', 'cid', 'eve'], 3);
    await world.untilState(swap.id, 'waiting');
    for (const signer of signers) await world.approve(swap.id, signer);
    await carryOut(world, swap.id);
    await world.approve(update.id, bobs!);
    await world.approve(update.id, cids!);
    const told = await world.until(update.id, ({ reasons }) =>
      reasons.some(({ detail }) => detail.includes('2 of 3')),
    );
    expect(told.state).toBe('waiting');
    const signature = dans!.signFor(told);
    const again = { id: update.id, plan_hash: told.plan!.hash, signature };
    expect(await refusal(world.as(dan).approveChange(again))).toBe('not_a_voter');
    expect(world.started.map(({ change }) => change)).not.toContain(update.id);
  });

  it('can be undone by the voters that there are now, back to nobody, and founded again', async () => {
    const { world, signers, foundedBy } = await founded('covenant', 3);
    const undo = await world.as(ann).revertChange({ id: foundedBy });
    const waiting = await world.untilState(undo.id, 'waiting');
    expect(waiting).toMatchObject({ risk: 'high', plan: { class: 'covenant' } });
    await world.approve(undo.id, signers[0]!);
    await world.approve(undo.id, signers[1]!);
    expect((await votersOf(world, 'covenant')).voters).toHaveLength(3);
    await world.approve(undo.id, signers[2]!);
    await carryOut(world, undo.id);
    expect(await votersOf(world, 'covenant')).toMatchObject({ voters: [], revision: 2 });
    const again = await proposeQuorum(world, 'covenant', ['bob', 'cid', 'dan'], 3);
    await world.untilState(again.id, 'waiting');
    for (const signer of signers) await world.approve(again.id, signer);
    await carryOut(world, again.id);
    expect(await votersOf(world, 'covenant')).toMatchObject({ revision: 3 });
  });

  it('is still for those to decide who have become too few for the profile', async () => {
    const { world, signers } = await founded('covenant', 3, TEAM);
    const profile = profileWith({ ...ENTERPRISE.gate.classes.covenant, min_voters: 4 });
    const after = await restart(world, { profile });
    draftWith(after, { class: 'covenant' });
    const update = await proposeUpdate(after);
    expect((await after.untilState(update.id, 'waiting')).gate?.first).toBe('approval_required');
    for (const signer of signers) await after.approve(update.id, signer);
    const few = await after.until(update.id, ({ gate }) => gate?.first === 'quorum_missing');
    expect(few.reasons[0]?.detail).toContain('3 voters of at least 4');
    const more = await proposeQuorum(after, 'covenant', ['bob', 'cid', 'dan', 'eve'], 3);
    await after.untilState(more.id, 'waiting');
    for (const signer of signers) await after.approve(more.id, signer);
    await carryOut(after, more.id);
    expect((await votersOf(after, 'covenant')).voters).toHaveLength(4);
  });
});

describe('a class that takes voters and has none', () => {
  it.each(['security', 'covenant'] as const)(
    'keeps every %s change waiting until they are founded',
    async (cls) => {
      const world = await start({ profile: ENTERPRISE });
      const signers = await enrolAll(world, [bob, cid, dan]);
      draftWith(world, { class: cls });
      const update = await proposeUpdate(world);
      const waiting = await world.untilState(update.id, 'waiting');
      expect(waiting.reasons.map(({ code }) => code)).toEqual([
        'approval_required',
        'quorum_missing',
      ]);
      expect(waiting.reasons[1]?.detail).toContain('0 voters of at least 3');
      const signature = signers[0]!.signFor(waiting);
      const input = { id: update.id, plan_hash: waiting.plan!.hash, signature };
      expect(await refusal(world.as(bob).approveChange(input))).toBe('not_a_voter');
      const { id } = await proposeQuorum(world, cls, ['bob', 'cid', 'dan'], 3);
      await world.untilState(id, 'waiting');
      for (const signer of signers) await world.approve(id, signer);
      await carryOut(world, id);
      for (const signer of signers) await world.approve(update.id, signer);
      await world.untilState(update.id, 'applying');
    },
  );

  it('says in words what it takes', async () => {
    const world = await start({ profile: ENTERPRISE });
    expect((await votersOf(world, 'covenant')).rule).toBe(
      'more than two thirds of at least 3 voters from low risk',
    );
    expect((await votersOf(world, 'standard')).rule).toBe('1 person from high risk');
  });
});
