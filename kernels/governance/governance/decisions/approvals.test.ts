import { EVENT_TYPES, type Change, type Principal, type Signature } from '@holdfast/contracts';
import {
  classRule,
  createFakeClock,
  createSigner,
  testProfile,
  type Signer,
  owner,
} from '@holdfast/testkit';
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
import { draftWithApprovalStep, proposeUpdate } from '../test-support/plans.ts';
import { useWorlds } from '../test-support/use-worlds.ts';

const { start, restart } = useWorlds();

const standard = classRule({ approval_from_risk: 'medium' });
const profileWith = (rule: Parameters<typeof classRule>[0]) =>
  testProfile({
    gate: {
      ...testProfile().gate,
      classes: { ...testProfile().gate.classes, standard: { ...standard, ...rule } },
    },
  });
const ONE = profileWith({ approvals: 1 });
const TWO = profileWith({ approvals: 2 });
const DELAYED = profileWith({ delay_s: 300 });

/** A change that waits for two people. */
const waiting = async () => {
  const world = await start({ profile: TWO });
  const { id } = await proposeUpdate(world);
  const change = await world.untilState(id, 'waiting');
  return { ...world, change };
};

/** Puts somebody on record and has `maker` make the token that they call with. */
const withToken = async (
  { as }: GovernanceWorld,
  who: Principal,
  maker: Principal,
): Promise<Principal> => {
  await as(owner).createPrincipal({ id: who.id, kind: 'human', role: 'operator' });
  const { record } = await as(maker).createToken({ principal: who.id });
  return { ...who, token: record.id };
};

/** Hands an approval in; answers the code of the refusal, and checks that a refusal changed nothing. */
const attempt = async (
  { as, api }: GovernanceWorld,
  by: Principal,
  { id, plan }: Change,
  signature: Signature,
): Promise<string> => {
  const before = await api.getChange({ id });
  const code = await refusal(as(by).approveChange({ id, plan_hash: plan?.hash ?? '', signature }));
  const after = await api.getChange({ id });
  if (code !== 'not refused') expect(after).toEqual(before);
  return code;
};

describe('an approval is refused, and nothing changed by it,', () => {
  it('when another key signed it under the name of a registered one', async () => {
    const at = await waiting();
    const bobs = await at.enrol(bob);
    const stranger = createSigner(bob);
    const forged = stranger.signFor(at.change, 'approve', { key: bobs.keyId });
    expect(await attempt(at, bob, at.change, forged)).toBe('approval_signature_invalid');
    const unknown = stranger.signFor(at.change);
    expect(await attempt(at, bob, at.change, unknown)).toBe('approval_key_unknown');
  });

  it('when its key was registered with a token that the author made', async () => {
    const at = await waiting();
    await at.enrol(ann);
    const puppet = await withToken(at, bob, ann);
    const signer = createSigner(puppet);
    await signer.register(at.as(puppet));
    expect(await attempt(at, puppet, at.change, signer.signFor(at.change))).toBe('self_approval');
  });

  it('when its giver made the token that the change was proposed with, until another one says yes', async () => {
    const at = await start({ profile: ONE });
    const [anns, cids] = [await at.enrol(ann), await at.enrol(cid)];
    const { id } = await proposeUpdate(at, { by: await withToken(at, bob, ann) });
    const change = await at.untilState(id, 'waiting');
    expect(await attempt(at, ann, change, anns.signFor(change))).toBe('self_approval');
    await at.approve(id, cids);
    await at.untilState(id, 'applying');
  });

  it('when somebody made the token of its giver and that of the author', async () => {
    const at = await start({ profile: ONE });
    await at.enrol(ann);
    const [author, giver] = [await withToken(at, bob, ann), await withToken(at, cid, ann)];
    const signer = createSigner(giver);
    await signer.register(at.as(giver));
    const { id } = await proposeUpdate(at, { by: author });
    const change = await at.untilState(id, 'waiting');
    expect(await attempt(at, giver, change, signer.signFor(change))).toBe('self_approval');
  });

  it('as that of another person, when somebody who approved made the token of its giver', async () => {
    const at = await start({ profile: TWO });
    const [anns, cids] = [await at.enrol(ann), await at.enrol(cid)];
    const { id } = await proposeUpdate(at, { by: dan });
    await at.untilState(id, 'waiting');
    await at.approve(id, anns);
    const puppet = await withToken(at, bob, ann);
    const signer = createSigner(puppet);
    await signer.register(at.as(puppet));
    await at.approve(id, signer);
    const { gate } = await at.api.simulateDecision({ id });
    expect(gate).toMatchObject({ allowed: false, first: 'quorum_missing' });
    await at.approve(id, cids);
    await at.untilState(id, 'applying');
  });

  it('not because the owner made both tokens, who makes the first ones of all', async () => {
    const at = await start({ profile: ONE });
    const [author, giver] = [await withToken(at, bob, owner), await withToken(at, cid, owner)];
    const signer = createSigner(giver);
    await signer.register(at.as(giver));
    const { id } = await proposeUpdate(at, { by: author });
    const change = await at.untilState(id, 'waiting');
    expect(await attempt(at, giver, change, signer.signFor(change))).toBe('not refused');
  });

  it('when it is signed by the key of somebody else', async () => {
    const at = await waiting();
    await at.enrol(bob);
    const cids = await at.enrol(cid);
    expect(await attempt(at, bob, at.change, cids.signFor(at.change))).toBe('approval_key_unknown');
  });

  it('when it is about another plan, another world or another decision', async () => {
    const at = await waiting();
    const bobs = await at.enrol(bob);
    const { change } = at;
    const { hash, base } = change.plan!;
    const right = {
      decision: 'approve',
      subject: change.id,
      digest: hash,
      base: base.revision,
    } as const;
    const wrong = [
      { ...right, digest: 'a'.repeat(64) },
      { ...right, base: 'elsewhere' },
      { ...right, subject: 'chg_other' },
      { ...right, decision: 'challenge' as const },
      { ...right, decision: 'release' as const },
      { ...right, decision: 'step go' as const },
    ];
    for (const decision of wrong)
      expect(await attempt(at, bob, change, bobs.sign(decision))).toBe(
        'approval_signature_invalid',
      );
    const stale = { ...change, plan: { ...change.plan!, hash: 'b'.repeat(64) } };
    expect(await attempt(at, bob, stale, bobs.signFor(change))).toBe('plan_hash_mismatch');
    expect(await attempt(at, bob, change, bobs.sign(right))).toBe('not refused');
  });

  it('when a field of it was altered after it was signed', async () => {
    const at = await waiting();
    const bobs = await at.enrol(bob);
    const signed = bobs.signFor(at.change);
    const later = new Date(Date.parse(signed.expires_at) + 1000).toISOString();
    const altered: Signature[] = [
      { ...signed, nonce: 'another' },
      { ...signed, expires_at: later },
      { ...signed, value: `${signed.value.startsWith('A') ? 'B' : 'A'}${signed.value.slice(1)}` },
    ];
    for (const one of altered)
      expect(await attempt(at, bob, at.change, one)).toBe('approval_signature_invalid');
  });

  it('when it has expired, is dated ahead, or is valid for too long', async () => {
    const at = await waiting();
    const bobs = await at.enrol(bob);
    const iso = (s: number): string => new Date(Date.now() + s * 1000).toISOString();
    const times = [
      { issued_at: iso(-700), expires_at: iso(-100) },
      { issued_at: iso(600), expires_at: iso(1200) },
      { issued_at: iso(0), expires_at: iso(3700) },
      { issued_at: iso(0), expires_at: iso(-1) },
    ];
    for (const time of times) {
      const signature = bobs.signFor(at.change, 'approve', time);
      expect(await attempt(at, bob, at.change, signature)).toBe('approval_expired');
    }
  });

  it('when it was used before, also after it was withdrawn', async () => {
    const at = await waiting();
    const bobs = await at.enrol(bob);
    const { change, as } = at;
    const signature = bobs.signFor(change);
    expect(await attempt(at, bob, change, signature)).toBe('not refused');
    await at.until(change.id, ({ gate }) => gate?.first === 'quorum_missing');
    expect(await attempt(at, bob, change, signature)).toBe('approval_replayed');
    const { approvals } = await as(bob).withdrawApproval({ id: change.id });
    expect(approvals).toEqual([]);
    await at.until(change.id, ({ gate }) => gate?.first === 'approval_required');
    expect(await attempt(at, bob, change, signature)).toBe('approval_replayed');
    expect(await attempt(at, bob, change, bobs.signFor(change))).toBe('not refused');
  });

  it('when the same nonce comes again under another signature of the key', async () => {
    const at = await waiting();
    const bobs = await at.enrol(bob);
    await attempt(at, bob, at.change, bobs.signFor(at.change, 'approve', { nonce: 'once' }));
    await at.until(at.change.id, ({ gate }) => gate?.first === 'quorum_missing');
    const again = bobs.signFor(at.change, 'approve', { nonce: 'once' });
    expect(await attempt(at, bob, at.change, again)).toBe('approval_replayed');
  });

  it('when it was given for a change that came before', async () => {
    const at = await waiting();
    const bobs = await at.enrol(bob);
    const old = bobs.signFor(at.change);
    await at.api.cancelChange({ id: at.change.id });
    const { id } = await proposeUpdate(at);
    const next = await at.untilState(id, 'waiting');
    expect(await attempt(at, bob, next, old)).toBe('approval_signature_invalid');
  });

  it('when it is that of the author, with any key and under any name', async () => {
    const at = await waiting();
    const first = await at.enrol(ann);
    const second = createSigner(ann);
    await second.register(at.as(ann));
    const other: Principal = { id: 'ann-at-work', kind: 'human', role: 'operator' };
    const third = await at.enrol(other, 'ann');
    for (const signer of [first, second, third])
      expect(await attempt(at, signer.principal, at.change, signer.signFor(at.change))).toBe(
        'self_approval',
      );
  });

  it('when no person gives it', async () => {
    const at = await waiting();
    const bobs = await at.enrol(bob);
    await at.enrol(robot);
    expect(await attempt(at, robot, at.change, bobs.signFor(at.change))).toBe('not_a_person');
    const posing = createSigner(robot);
    expect(await refusal(posing.register(at.as(robot)))).toBe('not_a_person');
    expect(await refusal(posing.register(at.as({ ...robot, kind: 'human' })))).toBe('not_a_person');
  });

  it('when its key was revoked or its owner disabled', async () => {
    const at = await waiting();
    const [bobs, cids] = [await at.enrol(bob), await at.enrol(cid)];
    await at.as(bob).revokeKey({ id: bobs.keyId });
    await at.api.updatePrincipal({ id: 'cid', state: 'disabled' });
    for (const signer of [bobs, cids])
      expect(await attempt(at, signer.principal, at.change, signer.signFor(at.change))).toBe(
        'approval_key_unknown',
      );
  });

  it('when the change does not wait for one', async () => {
    const at = await waiting();
    const bobs = await at.enrol(bob);
    await at.api.cancelChange({ id: at.change.id });
    await at.untilState(at.change.id, 'cancelled');
    expect(await attempt(at, bob, at.change, bobs.signFor(at.change))).toBe('change_state');
  });
});

describe('approvals', () => {
  it('of two people at the same moment both count', async () => {
    const at = await waiting();
    const signers = [await at.enrol(bob), await at.enrol(cid)];
    await Promise.all(signers.map((signer) => at.approve(at.change.id, signer)));
    const { approvals, gate } = await at.untilState(at.change.id, 'applying');
    expect(approvals.map(({ principal }) => principal).toSorted()).toEqual(['bob', 'cid']);
    expect(gate).toMatchObject({ allowed: true });
  });

  it('of one person count once, under whatever names and however often', async () => {
    const at = await waiting();
    const { id } = at.change;
    const bobs = await at.enrol(bob);
    const home: Principal = { id: 'bob-at-home', kind: 'human', role: 'operator' };
    const second = await at.enrol(home, 'bob');
    await Promise.all([bobs, bobs, second].map((signer) => at.approve(id, signer)));
    const told = await at.until(id, ({ gate }) => gate?.first === 'quorum_missing');
    expect(told.state).toBe('waiting');
    expect(told.reasons.map(({ detail }) => detail).join()).toContain('1 of 2');
    expect(at.started).toEqual([]);
    await at.approve(id, await at.enrol(cid));
    await at.untilState(id, 'applying');
  });

  it('withdrawn before it is applied do not count', async () => {
    const at = await waiting();
    const { id } = at.change;
    const [bobs, cids, dans] = [await at.enrol(bob), await at.enrol(cid), await at.enrol(dan)];
    await at.approve(id, bobs);
    await at.as(bob).withdrawApproval({ id });
    const { version } = await at.until(id, ({ gate }) => gate?.first === 'approval_required');
    expect((await at.as(bob).withdrawApproval({ id })).version).toBe(version);
    await at.approve(id, cids);
    expect((await at.until(id, ({ gate }) => gate?.first === 'quorum_missing')).state).toBe(
      'waiting',
    );
    await at.approve(id, dans);
    const { approvals } = await at.untilState(id, 'applying');
    expect(approvals.map(({ principal }) => principal)).toEqual(['cid', 'dan']);
    expect(await refusal(at.as(cid).withdrawApproval({ id }))).toBe('change_state');
  });

  it('with a key that was revoked since do not count when the next one comes', async () => {
    const at = await waiting();
    const { id } = at.change;
    const [bobs, cids] = [await at.enrol(bob), await at.enrol(cid)];
    await at.approve(id, bobs);
    await at.as(bob).revokeKey({ id: bobs.keyId });
    await at.approve(id, cids);
    const told = await at.until(id, ({ gate }) => gate?.first === 'quorum_missing');
    expect(told.state).toBe('waiting');
    expect(told.reasons.map(({ detail }) => detail).join()).toContain('1 of 2');
    expect(at.started).toEqual([]);
    await at.approve(id, await at.enrol(dan));
    await at.untilState(id, 'applying');
  });

  it('are announced with their signature, each in one event', async () => {
    const at = await waiting();
    const bobs = await at.enrol(bob);
    const signature = bobs.signFor(at.change);
    await attempt(at, bob, at.change, signature);
    const event = await at.world.waitForEvent(({ type }) => type === EVENT_TYPES.changeApproved);
    expect(event.data).toMatchObject({ change: at.change.id, signature });
  });
});

describe('a challenge', () => {
  const delayed = async () => {
    const clock = createFakeClock();
    const world = await start({ profile: DELAYED, clock });
    const { id } = await proposeUpdate(world);
    await world.untilState(id, 'waiting');
    return { ...world, clock, id };
  };
  const challenge = async (
    { as, api }: Pick<GovernanceWorld, 'as' | 'api'>,
    id: string,
    signer: Signer,
  ): Promise<Change> => {
    const change = await api.getChange({ id });
    const signature = signer.signFor(change, 'challenge');
    const plan_hash = change.plan!.hash;
    return as(signer.principal).challengeChange({ id, reason: 'look again', plan_hash, signature });
  };

  it('is open for the delay of the class, after which the change is applied', async () => {
    const { enrol, approve, until, untilState, clock, id, started } = await delayed();
    await approve(id, await enrol(bob));
    const told = await until(id, ({ active_at }) => active_at !== null);
    expect(told.active_at).toBe(new Date(clock.now() + 300_000).toISOString());
    expect(told.gate?.first).toBe('challenge_window');
    await clock.advance(299_000);
    expect(started).toEqual([]);
    await clock.advance(2_000);
    await untilState(id, 'applying');
  });

  it('voids the approvals, and the delay begins anew with the next ones', async () => {
    const world = await delayed();
    const { enrol, approve, until, untilState, clock, id, started, api } = world;
    const [bobs, cids] = [await enrol(bob), await enrol(cid)];
    await approve(id, bobs);
    const { active_at } = await until(id, (one) => one.active_at !== null);
    await clock.advance(200_000);
    const { challenges } = await challenge(world, id, cids);
    expect(challenges).toMatchObject([{ principal: 'cid', reason: 'look again' }]);
    const open = await until(id, ({ gate }) => gate?.first === 'approval_required');
    expect(open.active_at).toBeNull();
    await clock.advance(200_000);
    expect(clock.now()).toBeGreaterThan(Date.parse(active_at!));
    expect((await api.getChange({ id })).state).toBe('waiting');
    await approve(id, bobs);
    const again = await until(id, (one) => one.active_at !== null);
    expect(again.active_at).toBe(new Date(clock.now() + 300_000).toISOString());
    await clock.advance(299_000);
    expect(started).toEqual([]);
    await clock.advance(2_000);
    await untilState(id, 'applying');
  });

  it('needs a signature of its own, which is used up', async () => {
    const { enrol, as, api, id, approve, until, clock } = await delayed();
    const [bobs, cids] = [await enrol(bob), await enrol(cid)];
    await approve(id, bobs);
    const change = await until(id, (one) => one.active_at !== null);
    const input = { id, reason: 'no', plan_hash: change.plan!.hash };
    const forged = { ...input, signature: cids.signFor(change, 'approve') };
    expect(await refusal(as(cid).challengeChange(forged))).toBe('approval_signature_invalid');
    expect(await refusal(as(robot).challengeChange(forged))).toBe('not_a_person');
    expect((await api.getChange({ id })).version).toBe(change.version);
    await clock.advance(1_000);
    const signed = { ...input, signature: cids.signFor(change, 'challenge') };
    await as(cid).challengeChange(signed);
    expect(await refusal(as(cid).challengeChange(signed))).toBe('approval_replayed');
  });

  it('can be raised by the author, and by nobody once the delay is over', async () => {
    const world = await delayed();
    const { enrol, approve, clock, id, untilState, until } = world;
    const [anns, bobs] = [await enrol(ann), await enrol(bob)];
    await approve(id, bobs);
    await until(id, (one) => one.active_at !== null);
    await clock.advance(1_000);
    await challenge(world, id, anns);
    await clock.advance(1_000);
    await approve(id, bobs);
    await until(id, (one) => one.active_at !== null);
    await clock.advance(301_000);
    await untilState(id, 'applying');
    expect(await refusal(challenge(world, id, anns))).toBe('change_state');
  });

  it('ends the delay early for nobody whose key was revoked in it', async () => {
    const { enrol, approve, until, as, clock, id, started, api } = await delayed();
    const bobs = await enrol(bob);
    await approve(id, bobs);
    await until(id, (one) => one.active_at !== null);
    await as(bob).revokeKey({ id: bobs.keyId });
    await clock.advance(301_000);
    const open = await until(id, ({ gate }) => gate?.first === 'approval_required');
    expect(open).toMatchObject({ state: 'waiting', active_at: null });
    expect(started).toEqual([]);
    expect((await api.getChange({ id })).approvals).toHaveLength(1);
  });

  it('stays open over a restart, until the time that was told', async () => {
    const first = await delayed();
    const { clock, id } = first;
    await first.approve(id, await first.enrol(bob));
    const { active_at } = await first.until(id, (one) => one.active_at !== null);
    await clock.advance(100_000);
    const { api, started, untilState } = await restart(first, { profile: DELAYED, clock });
    await clock.advance(199_000);
    expect(await api.getChange({ id })).toMatchObject({ state: 'waiting', active_at });
    expect(started).toEqual([]);
    await clock.advance(2_000);
    await untilState(id, 'applying');
  });
});

describe('an approval step', () => {
  const STEP = 'go';
  const running = async () => {
    const world = await start({ profile: profileWith({}) });
    draftWithApprovalStep(world, STEP);
    const { id } = await proposeUpdate(world);
    const [bobs, cids] = [await world.enrol(bob), await world.enrol(cid)];
    const change = await world.untilState(id, 'waiting');
    return { ...world, id, bobs, cids, change };
  };
  const engine: Principal = { id: 'kernel:workflow_engine', kind: 'kernel', role: 'kernel' };

  it('takes signatures for that step only, and an approval takes none of those', async () => {
    const world = await running();
    const { id, bobs, cids, change, as, untilState } = world;
    const plan_hash = change.plan!.hash;
    const forStep = bobs.signFor(change, `step ${STEP}`);
    expect(await attempt(world, bob, change, forStep)).toBe('approval_signature_invalid');
    const tooEarly = as(bob).approveStep({ id, step: STEP, plan_hash, signature: forStep });
    expect(await refusal(tooEarly)).toBe('change_state');
    expect(await attempt(world, bob, change, bobs.signFor(change))).toBe('not refused');
    const { version } = await untilState(id, 'applying');
    const asStep = (signature: Signature, step = STEP) =>
      refusal(as(cid).approveStep({ id, step, plan_hash, signature }));
    expect(await asStep(cids.signFor(change))).toBe('approval_signature_invalid');
    expect(await asStep(cids.signFor(change, 'step other'))).toBe('approval_signature_invalid');
    const key = change.plan!.steps[0]!.key;
    expect(await asStep(cids.signFor(change, `step ${key}`), key)).toBe('not_found');
    expect(await asStep(cids.signFor(change, `step ${STEP}`))).toBe('not refused');
    expect((await world.api.getChange({ id })).version).toBeGreaterThanOrEqual(version);
  });

  it('tells the run who let it go on, and waits for that', async () => {
    const { id, bobs, cids, approve, as, untilState, change } = await running();
    await approve(id, bobs);
    await untilState(id, 'applying');
    const ask = (wait_ms: number) => as(engine).getStepApproval({ id, step: STEP, wait_ms });
    expect(await ask(0)).toEqual({ approved: false, by: [] });
    const answer = ask(25_000);
    const signature = cids.signFor(change, `step ${STEP}`);
    const plan_hash = change.plan!.hash;
    await as(cid).approveStep({ id, step: STEP, plan_hash, signature });
    expect(await answer).toEqual({ approved: true, by: ['cid'] });
    const again = as(cid).approveStep({ id, step: STEP, plan_hash, signature });
    expect(await refusal(again)).toBe('approval_replayed');
    await as(cid).revokeKey({ id: cids.keyId });
    expect(await ask(0)).toEqual({ approved: false, by: [] });
  });

  it('is not for its author to approve', async () => {
    const { id, bobs, approve, as, enrol, untilState, change } = await running();
    const anns = await enrol(ann);
    await approve(id, bobs);
    await untilState(id, 'applying');
    const signature = anns.signFor(change, `step ${STEP}`);
    const plan_hash = change.plan!.hash;
    const call = as(ann).approveStep({ id, step: STEP, plan_hash, signature });
    expect(await refusal(call)).toBe('self_approval');
  });
});
