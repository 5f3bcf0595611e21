import { EVENT_TYPES, isHoldfastError, type Change, type ClassRule } from '@holdfast/contracts';
import {
  classRule,
  createFakeClock,
  createSigner,
  testProfile,
  type FakeClock,
} from '@holdfast/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { ann, bob, createChangeWorld, statesOf, type ChangeWorld } from './support/change-world.ts';

let open: ChangeWorld | undefined;
const start = async (...options: Parameters<typeof createChangeWorld>): Promise<ChangeWorld> => {
  open = await createChangeWorld(...options);
  return open;
};
afterEach(async () => {
  await open?.world.close();
  open = undefined;
});

const codeOf = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
  } catch (error) {
    if (isHoldfastError(error)) return error.code;
    throw error;
  }
  return 'no refusal';
};
/** Lets the time of a fake clock pass until something happened. */
const whileTimePasses = async <T>(clock: FakeClock, happening: Promise<T>): Promise<T> => {
  let over = false;
  const ended = happening.finally(() => (over = true));
  while (!over) await clock.advance(1_000);
  return ended;
};
const codes = (change: Change): string[] => change.reasons.map((reason) => reason.code);
const profileWith = (rule: Partial<ClassRule>) => {
  const { gate } = testProfile();
  const classes = { ...gate.classes, standard: classRule(rule) };
  return testProfile({ gate: { ...gate, classes } });
};
const needsApproval = profileWith({ approval_from_risk: 'medium' });
const OFF_BASELINE = ['requests==2.32.0'];

describe('the life of a change', () => {
  it('repairs drift from proposal to done, each transition in one event', async () => {
    const { repair, untilFinished, published, fake } = await start();
    const { id } = await repair();
    const change = await untilFinished(id);
    expect(change).toMatchObject({
      state: 'done',
      risk: 'low',
      target: { host: 'box_linux' },
      gate: { allowed: true },
      observation: { status: 'as_planned' },
    });
    expect(change.steps.map((step) => step.state)).toEqual(['succeeded', 'succeeded']);
    expect(fake.installed).toEqual(fake.declared);
    const events = await published(id);
    expect(statesOf(events)).toEqual([
      'proposed',
      'planned',
      'verified',
      'approved',
      'applying',
      'watching',
      'done',
    ]);
  });

  it('tells the fabric of an update that was proposed and completed', async () => {
    const { update, untilFinished, published } = await start();
    const { id } = await update(OFF_BASELINE);
    expect(await untilFinished(id)).toMatchObject({ state: 'done', risk: 'medium' });
    const types = (await published(id)).map((event) => event.type);
    expect(types.filter((type) => type === EVENT_TYPES.updateProposed)).toHaveLength(1);
    expect(types.filter((type) => type === EVENT_TYPES.updateCompleted)).toHaveLength(1);
    expect(types.filter((type) => type === EVENT_TYPES.stepStarted)).toHaveLength(1);
    expect(types.filter((type) => type === EVENT_TYPES.stepFinished)).toHaveLength(1);
  });

  it('ends failed when there is nothing to repair', async () => {
    const { repair, untilFinished, fake } = await start();
    fake.installed = { ...fake.declared };
    const change = await untilFinished((await repair()).id);
    expect(change.state).toBe('failed');
    expect(codes(change)).toEqual(['nothing_to_do']);
  });

  it('is blocked when the dry run fails', async () => {
    const { repair, untilFinished, fake } = await start();
    fake.knobs.verifyFails = true;
    const change = await untilFinished((await repair()).id);
    expect(change.state).toBe('blocked');
    expect(codes(change)).toEqual(['verify_failed']);
    expect(fake.applied).toEqual([]);
  });

  it('is planned again when the world moved, and blocked when it keeps moving', async () => {
    const { repair, untilFinished, fake, published } = await start();
    fake.knobs.movesAfterPlan = 2;
    const first = await repair();
    expect((await untilFinished(first.id)).state).toBe('done');
    const planned = statesOf(await published(first.id)).filter((state) => state === 'planned');
    expect(planned).toHaveLength(3);

    fake.installed = { flask: '1.0.0' };
    fake.knobs.movesAfterPlan = 100;
    const second = await untilFinished((await repair()).id);
    expect(second.state).toBe('blocked');
    expect(codes(second)).toEqual(['plan_stale']);
  });
});

describe('a change that goes wrong', () => {
  it('fails without an undo when the step changed nothing', async () => {
    const { repair, untilFinished, fake } = await start();
    fake.knobs.fails['flask@3.1.0'] = 'before';
    const change = await untilFinished((await repair()).id);
    expect(change).toMatchObject({ state: 'failed', reverted_by: null });
    expect(codes(change)).toEqual(['step_failed']);
    expect(change.reasons[0]?.detail).toContain('nothing was changed');
    expect(change.steps.map((step) => step.state)).toEqual(['failed', 'pending']);
  });

  it('is undone when it failed half-way, without asking for an approval', async () => {
    const strict = profileWith({ approval_from_risk: 'low' });
    const { update, approve, untilState, untilFinished, fake } = await start({ profile: strict });
    const before = fake.installed;
    fake.knobs.fails['requests@2.32.0'] = 'after';
    const { id } = await update(['flask==3.0.1', ...OFF_BASELINE]);
    await untilState(id, 'waiting');
    await approve(id);
    const change = await untilFinished(id);
    expect(change.state).toBe('reverted');
    expect(codes(change)).toEqual(['step_failed']);
    const undo = await untilFinished(change.reverted_by!);
    expect(undo).toMatchObject({ kind: 'revert', state: 'done', reverts: id, proposed_by: 'ann' });
    expect(undo.approvals).toEqual([]);
    expect(undo.plan?.steps.map((step) => step.key)).toEqual(['pip-requests', 'pip-flask']);
    expect(fake.installed).toEqual(before);
  });

  it('is undone when what is seen afterwards differs', async () => {
    const { repair, untilFinished, fake, published } = await start();
    const before = fake.installed;
    fake.knobs.sees = 'different';
    const { id } = await repair();
    const change = await untilFinished(id);
    expect(change.state).toBe('reverted');
    expect(codes(change)).toEqual(['watch_failed']);
    expect(fake.installed).toEqual(before);
    expect(statesOf(await published(id)).slice(-3)).toEqual(['watching', 'reverting', 'reverted']);
  });

  it('is undone when nothing can be said about the result', async () => {
    const { repair, untilFinished, fake } = await start();
    fake.knobs.sees = 'unknown';
    expect((await untilFinished((await repair()).id)).state).toBe('reverted');
  });

  it('ends failed, saying so, when its undo fails too', async () => {
    const { repair, untilFinished, fake } = await start();
    fake.knobs.fails = { 'requests@2.31.0': 'after', 'flask@3.0.0': 'before' };
    const change = await untilFinished((await repair()).id);
    expect(change.state).toBe('failed');
    expect(change.reasons.map((reason) => reason.detail).join()).toContain('its undo');
    const undo = await untilFinished(change.reverted_by!);
    expect(undo.state).toBe('failed');
    expect(fake.installed).toEqual({ flask: '3.1.0', requests: '2.30.0' });
  });

  it('ends failed with revert_impossible when a step cannot be undone', async () => {
    const { repair, untilFinished, fake } = await start();
    fake.knobs.noInverse = true;
    fake.knobs.fails['requests@2.31.0'] = 'after';
    const change = await untilFinished((await repair()).id);
    expect(change.state).toBe('failed');
    expect(codes(change)).toEqual(['step_failed', 'revert_impossible']);
  });

  it('times out on a step that never ends, and undoes what was done before it', async () => {
    const clock = createFakeClock();
    const { repair, untilFinished, untilState, fake, world } = await start({ clock });
    const before = fake.installed;
    fake.knobs.hangs.add('requests@2.31.0');
    const { id } = await repair();
    const change = await whileTimePasses(clock, untilFinished(id));
    expect(change.state).toBe('reverted');
    expect(codes(change)).toEqual(['step_timeout']);
    expect(fake.installed).toEqual(before);
    expect(world.events.some((event) => event.data['code'] === 'step_timeout')).toBe(true);
    expect((await untilState(change.reverted_by!, 'done')).state).toBe('done');
  });

  it('gives up planning when the agent stays away, and not while it comes back', async () => {
    const clock = createFakeClock();
    const { repair, until, untilFinished, fake } = await start({ clock });
    fake.knobs.offline = true;
    const first = await repair();
    const away = await until(first.id, (change) => codes(change).includes('agent_offline'));
    expect(away.state).toBe('proposed');
    const change = await whileTimePasses(clock, untilFinished(first.id));
    expect(codes(change)).toEqual(['plan_failed']);
    expect(change.reasons[0]?.detail).toContain('not connected');

    const second = await repair();
    await until(second.id, (one) => codes(one).includes('agent_offline'));
    fake.knobs.offline = false;
    expect((await whileTimePasses(clock, untilFinished(second.id))).state).toBe('done');
  });
});

describe('approvals', () => {
  it('come from another person, for the hash of the plan', async () => {
    const { update, as, approve, signerOf, untilState, untilFinished, fake } = await start({
      profile: needsApproval,
    });
    const { id } = await update(OFF_BASELINE);
    const waiting = await untilState(id, 'waiting');
    const plan_hash = waiting.plan!.hash;
    expect(waiting.gate?.first).toBe('approval_required');
    expect(await codeOf(approve(id, ann))).toBe('self_approval');
    expect(await codeOf(approve(id, bob, { plan_hash: 'x' }))).toBe('plan_hash_mismatch');
    const robot = { ...bob, id: 'robot', kind: 'ai' } as const;
    const signature = (await signerOf(bob)).signFor(waiting);
    const asRobot = as(robot).approveChange({ id, plan_hash, signature });
    expect(await codeOf(asRobot)).toBe('not_a_person');
    const forged = createSigner(bob).signFor(waiting);
    const asBob = as(bob).approveChange({ id, plan_hash, signature: forged });
    expect(await codeOf(asBob)).toBe('approval_key_unknown');
    expect(fake.applied).toEqual([]);
    await approve(id);
    const change = await untilFinished(id);
    expect(change).toMatchObject({ state: 'done', approvals: [{ principal: 'bob', plan_hash }] });
    expect(await codeOf(approve(id))).toBe('change_state');
  });

  it('have to come from as many people as the profile says', async () => {
    const profile = profileWith({ approval_from_risk: 'medium', approvals: 2 });
    const { update, approve, untilState, until, untilFinished } = await start({ profile });
    const { id } = await update(OFF_BASELINE);
    await untilState(id, 'waiting');
    await approve(id);
    await approve(id);
    const one = await until(id, (change) => change.approvals.length > 0);
    expect(one).toMatchObject({ state: 'waiting', approvals: [{ principal: 'bob' }] });
    await approve(id, { ...bob, id: 'cid' });
    expect((await untilFinished(id)).state).toBe('done');
  });

  it('can be asked for where the risk needs none, and not be declined where it does', async () => {
    const { update, api, untilState } = await start({ profile: needsApproval });
    const declined = await update(OFF_BASELINE, false);
    await untilState(declined.id, 'waiting');
    await api.cancelChange({ id: declined.id });
    const asked = await update(['requests==2.31.0'], true);
    expect(await untilState(asked.id, 'waiting')).toMatchObject({ risk: 'low' });
  });

  it('count for nothing once the world has moved', async () => {
    const { update, approve, untilState, untilFinished, fake } = await start({
      profile: needsApproval,
    });
    const { id } = await update(OFF_BASELINE);
    await untilState(id, 'waiting');
    fake.installed = { ...fake.installed, requests: '2.29.0' };
    await approve(id);
    const change = await untilFinished(id);
    expect(change.state).toBe('blocked');
    expect(codes(change)).toEqual(['plan_stale']);
  });

  it('and rejections at the same moment leave exactly one outcome', async () => {
    const { update, as, approve, signerOf, untilState, untilFinished, published } = await start({
      profile: needsApproval,
    });
    await signerOf(bob);
    for (let round = 0; round < 5; round += 1) {
      const { id } = await update([`requests==2.3${round + 2}.0`]);
      await untilState(id, 'waiting');
      const answers = await Promise.allSettled([
        approve(id),
        as(bob).rejectChange({ id, reason: 'not today' }),
      ]);
      const change = await untilFinished(id);
      const isRejected = answers[1].status === 'fulfilled';
      expect(change.state).toBe(isRejected ? 'rejected' : 'done');
      const ends = statesOf(await published(id));
      expect(new Set(ends).size).toBe(ends.length);
    }
  });

  it('that nobody gives let the change expire', async () => {
    const clock = createFakeClock();
    const { update, approve, untilState, untilFinished } = await start({
      clock,
      profile: needsApproval,
    });
    const { id } = await update(OFF_BASELINE);
    await untilState(id, 'waiting');
    await clock.advance(3_600_000);
    const change = await untilFinished(id);
    expect(change.state).toBe('expired');
    expect(await codeOf(approve(id))).toBe('change_state');
  });
});
