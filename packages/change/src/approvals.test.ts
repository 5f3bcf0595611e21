import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { challengeEnds, countingApprovals, tally } from './approvals.ts';
import type { ApprovalFact, ApprovalRule, GateFacts } from './gate-facts.ts';
import { decide } from './gate.ts';
import { AT } from './test-support/arbitrary-plans.ts';
import { clear, good, standard, yes } from './test-support/gate-facts.ts';

const first = (
  approvals: ApprovalFact[],
  rule: Partial<ApprovalRule> = {},
  facts: Partial<GateFacts> = {},
  at = AT,
): string | null =>
  decide({ ...clear, risk: 'high', approvals, rule: { ...standard, ...rule }, ...facts }, at).first;

const later = (seconds: number): string => new Date(Date.parse(AT) + seconds * 1000).toISOString();

const people = ['ann', 'bob', 'cid', 'dan', 'eve'];

/** Approvals of a few people through several principals and kinds, in any order of time. */
const arbitraryApproval = fc
  .record({
    person: fc.constantFrom(...people),
    account: fc.constantFrom('', '-second'),
    kind: fc.constantFrom('human', 'human', 'ai', 'agent', 'kernel' as const),
    isOther: fc.boolean(),
    after_s: fc.integer({ min: 0, max: 1000 }),
  })
  .map(({ person, account, kind, isOther, after_s }) =>
    yes(
      `${person}${account}`,
      { person, kind, plan_hash: isOther ? 'of another plan' : good.hash },
      after_s,
    ),
  );

describe('approvals at the gate', () => {
  it('count distinct people who are not the author', () => {
    expect(first([yes('bob')])).toBeNull();
    expect(first([yes('bob'), yes('bob')], { needed: 2 })).toBe('quorum_missing');
    expect(first([yes('bob'), yes('cid')], { needed: 2 })).toBeNull();
  });

  it('never count the author, nor another principal of theirs', () => {
    expect(first([yes('ann')])).toBe('approval_required');
    expect(first([yes('ann', { person: 'someone else' })])).toBe('approval_required');
    expect(first([yes('ann-admin', { person: 'ann' })])).toBe('approval_required');
  });

  it('count two principals of one person once, so two keys or accounts are no quorum', () => {
    const twice = [yes('bob'), yes('bob-admin', { person: 'bob' })];
    expect(first(twice, { needed: 2 })).toBe('quorum_missing');
    expect(first([...twice, yes('cid')], { needed: 2 })).toBeNull();
  });

  it.each(['ai', 'agent', 'kernel'] as const)('never count one of kind %s', (kind) => {
    expect(first([yes('bot', { kind })])).toBe('approval_required');
    expect(first([yes('bob'), yes('bot', { kind })], { needed: 2 })).toBe('quorum_missing');
  });

  it('count only for exactly this plan', () => {
    expect(first([yes('bob', { plan_hash: 'of another plan' })])).toBe('approval_required');
    expect(first([yes('bob')], {}, { plan: undefined })).not.toBeNull();
  });

  it('count only voters where a class has some, and nobody who was taken off the list', () => {
    const rule = { class: 'security', needed: 3, min_voters: 3 } as const;
    const all = [yes('bob'), yes('cid'), yes('dan')];
    const voters = ['bob', 'cid', 'dan', 'eve'];
    expect(first(all, { ...rule, voters })).toBeNull();
    expect(first(all, { ...rule, voters: ['bob', 'cid', 'eve'] })).toBe('quorum_missing');
    expect(first([yes('fay')], { ...rule, voters })).toBe('approval_required');
  });

  it('wait for voters to be named where there are too few for the class', () => {
    const rule = { class: 'covenant', needed: 1, min_voters: 3 } as const;
    expect(first([yes('bob')], { ...rule, voters: ['bob', 'cid'] })).toBe('quorum_missing');
    expect(first([yes('bob')], rule)).toBe('quorum_missing');
    expect(first([yes('bob')], { ...rule, voters: ['bob', 'cid', 'dan'] })).toBeNull();
    const named = decide({ ...clear, risk: 'high', rule: { ...standard, ...rule } }, AT);
    expect(named.reasons.map(({ detail }) => detail).join()).toContain('0 voters of at least 3');
  });

  it.each([1, 2, 3, 4])('hold with exactly %i of 4 needed or more, never with fewer', (k) => {
    const given = people.slice(1).map((person) => yes(person));
    for (let n = 0; n <= 4; n++) {
      const reason = first(given.slice(0, n), { needed: k });
      if (n >= k) expect(reason).toBeNull();
      else expect(reason).toBe(n === 0 ? 'approval_required' : 'quorum_missing');
    }
  });

  it('can be asked for below the threshold, and never be talked away above it', () => {
    const at = (risk: 'low' | 'high', forced: boolean) => first([], { forced }, { risk });
    expect(at('low', true)).toBe('approval_required');
    expect(at('high', false)).toBe('approval_required');
    expect(at('low', false)).toBeNull();
  });

  it('are needed by at least one person, even where a rule says none', () => {
    expect(first([], { needed: 0 })).toBe('approval_required');
    expect(first([], { needed: -1 })).toBe('approval_required');
  });

  it('are needed as for the highest risk while the risk is not known', () => {
    expect(first([], { from_risk: 'critical' }, { risk: undefined })).toBe('approval_required');
  });

  it('are not needed where the undo was part of an approved plan', () => {
    const waived = 'undo of an approved plan';
    expect(first([], { waived, min_voters: 3, delay_s: 60 }, { risk: 'critical' })).toBeNull();
  });

  it('come to the same whatever else is offered that does not count', () => {
    fc.assert(
      fc.property(fc.array(arbitraryApproval), fc.integer({ min: 1, max: 4 }), (some, needed) => {
        const facts = { ...clear, risk: 'high', approvals: some } as const;
        const counted = tally({ ...facts, rule: { ...standard, needed } })!;
        const who = some.filter(
          ({ kind, plan_hash, person }) =>
            kind === 'human' && plan_hash === good.hash && person !== 'ann',
        );
        expect(counted.given).toBe(new Set(who.map(({ person }) => person)).size);
        const { reasons } = decide({ ...facts, rule: { ...standard, needed } }, AT);
        expect(reasons.length === 0).toBe(counted.given >= needed);
      }),
    );
  });
});

describe('the order of approvals', () => {
  it('is that in which they were given, each person by the first', () => {
    const given = [yes('cid', {}, 30), yes('bob', {}, 20), yes('cid', {}, 10)];
    const counting = countingApprovals(given, clear.author, good.hash);
    expect(counting.map(({ principal, approved_at }) => [principal, approved_at])).toEqual([
      ['cid', later(10)],
      ['bob', later(20)],
    ]);
  });

  it('says when the last one that was needed came, not when the last one came', () => {
    const approvals = [yes('dan', {}, 90), yes('cid', {}, 30), yes('bob', {}, 10)];
    const rule = { ...standard, needed: 2 };
    expect(tally({ ...clear, risk: 'high', approvals, rule })).toEqual({
      given: 3,
      needed: 2,
      reachedAt: later(30),
    });
  });
});

describe('the delay of an approved change', () => {
  const rule = { needed: 2, delay_s: 300 };
  const both = [yes('bob', {}, 0), yes('cid', {}, 60)];

  it('begins with the last approval that was needed and ends to the millisecond', () => {
    expect(first(both, rule, {}, later(60))).toBe('challenge_window');
    expect(first(both, rule, {}, later(359.999))).toBe('challenge_window');
    expect(first(both, rule, {}, later(360))).toBeNull();
  });

  it('is not begun again by more approvals, and does not begin before there are enough', () => {
    expect(first([...both, yes('dan', {}, 300)], rule, {}, later(360))).toBeNull();
    expect(first([yes('bob')], rule, {}, later(9999))).toBe('quorum_missing');
  });

  it('does not end at a time that cannot be read', () => {
    expect(first(both, rule, {}, 'soon')).toBe('challenge_window');
  });

  it('is none where none is asked for, or nothing needs an approval', () => {
    const counted = { given: 2, needed: 2, reachedAt: AT };
    expect(challengeEnds(counted, { ...standard, delay_s: 0 })).toBeUndefined();
    expect(challengeEnds({ ...counted, needed: 0 }, { ...standard, delay_s: 9 })).toBeUndefined();
    expect(challengeEnds(counted, { ...standard, delay_s: 9 })).toBe(later(9));
  });
});
