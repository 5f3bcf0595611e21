import { GATE_ORDER, gateErrors, type GateReasonCode } from '@holdfast/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GateFacts } from './gate-facts.ts';
import { decide, decideApprovals, decideKillSwitch, gateReason, WAITING_REASONS } from './gate.ts';
import { AT } from './test-support/arbitrary-plans.ts';
import { clear, expectedOf, factsWhere, good, report } from './test-support/gate-facts.ts';

const inOrder = (codes: ReadonlySet<GateReasonCode>): GateReasonCode[] =>
  GATE_ORDER.filter((code) => codes.has(code));

const isPossible = (codes: ReadonlySet<GateReasonCode>): boolean =>
  !(codes.has('license_missing') && codes.has('license_invalid'));

const holding = (codes: ReadonlySet<GateReasonCode>): string[] =>
  decide(factsWhere(codes), AT).reasons.map(({ code }) => code);

const pairs = GATE_ORDER.flatMap((first, at) =>
  GATE_ORDER.slice(at + 1).map((second) => [first, second] as const),
);

/** What a missing fact has to raise. */
const RAISED: Readonly<Record<Exclude<keyof GateFacts, 'author'>, GateReasonCode>> = {
  killSwitch: 'kill_switch',
  plan: 'plan_stale',
  tripwires: 'tripwire',
  worldRevision: 'plan_stale',
  licence: 'license_missing',
  notEntitled: 'entitlement_missing',
  verify: 'verify_missing',
  risk: 'approval_required',
  policyDenials: 'policy_denied',
  cooldowns: 'cooldown_active',
  budgets: 'budget_exhausted',
  freezes: 'freeze_window',
  approvals: 'approval_required',
  rule: 'quorum_missing',
};
const missable = Object.keys(RAISED) as (keyof typeof RAISED)[];

const arbitraryCodes = fc
  .subarray([...GATE_ORDER])
  .map((codes) => new Set(codes))
  .filter(isPossible);

const arbitraryFacts = fc
  .tuple(arbitraryCodes, fc.subarray(missable))
  .map(([codes, missing]): GateFacts => ({
    ...factsWhere(codes),
    ...Object.fromEntries(missing.map((key) => [key, undefined])),
  }));

describe('the gate', () => {
  it('allows a change against which nothing stands', () => {
    const decision = decide(clear, AT);
    expect(decision).toMatchObject({ allowed: true, first: null, reasons: [], decided_at: AT });
  });

  it('has a check for every reason of the order and for nothing else, and runs them all', () => {
    expect(decide(clear, AT).evaluated).toEqual(GATE_ORDER);
    expect(GATE_ORDER).toHaveLength(15);
    expect(decide(factsWhere(new Set(['kill_switch'])), AT).evaluated).toEqual(GATE_ORDER);
  });

  it.each(GATE_ORDER)('reports %s alone when only that holds', (code) => {
    expect(holding(new Set([code]))).toEqual([code]);
  });

  it.each(pairs.filter((pair) => isPossible(new Set(pair))))(
    'reports %s before %s when both hold',
    (first, second) => {
      const decision = decide(factsWhere(new Set([second, first])), AT);
      expect(decision.first).toBe(first);
      expect(decision.allowed).toBe(false);
      expect(decision.reasons.map(({ code }) => code)).toEqual(
        inOrder(expectedOf(new Set([first, second]))),
      );
    },
  );

  it('knows one pair that cannot hold together: a licence is missing or invalid', () => {
    expect(pairs.filter((pair) => !isPossible(new Set(pair)))).toEqual([
      ['license_missing', 'license_invalid'],
    ]);
    expect(pairs).toHaveLength((15 * 14) / 2);
  });

  it('reports any set of reasons completely and in order', () => {
    fc.assert(
      fc.property(arbitraryCodes, (codes) => {
        expect(holding(codes)).toEqual(inOrder(expectedOf(codes)));
      }),
      { numRuns: 500 },
    );
  });

  it('allows iff there is no reason, and repeats itself, whatever the facts', () => {
    fc.assert(
      fc.property(arbitraryFacts, (facts) => {
        const decision = decide(facts, AT);
        const codes = decision.reasons.map(({ code }) => code as GateReasonCode);
        expect(codes).toEqual(inOrder(new Set(codes)));
        expect(decision.allowed).toBe(codes.length === 0);
        expect(decision.first).toBe(codes[0] ?? null);
        expect(decide(structuredClone(facts), AT)).toEqual(decision);
      }),
    );
  });

  it('puts the kill switch first, whatever else holds', () => {
    fc.assert(
      fc.property(arbitraryFacts, (facts) => {
        const frozen = { ...facts, killSwitch: { on: true, detail: 'stop' } };
        expect(decide(frozen, AT).first).toBe('kill_switch');
        expect(decideKillSwitch(frozen, AT)).toMatchObject({
          first: 'kill_switch',
          allowed: false,
          evaluated: ['kill_switch'],
        });
      }),
    );
  });

  it.each(missable)('fails closed while it does not know %s', (key) => {
    const decision = decide({ ...clear, [key]: undefined }, AT);
    expect(decision.allowed).toBe(false);
    expect(decision.reasons.map(({ code }) => code)).toContain(RAISED[key]);
  });

  it('holds back every reason that hangs on approvals while it does not know them', () => {
    for (const key of ['approvals', 'rule'] as const) {
      const codes = decide({ ...clear, [key]: undefined }, AT).reasons.map(({ code }) => code);
      expect(codes).toEqual(['approval_required', 'quorum_missing', 'challenge_window']);
    }
  });

  it('refuses a plan that was edited after it was hashed, though no rule was found broken', () => {
    const edited = { ...good, timeout_ms: good.timeout_ms + 1 };
    expect(decide({ ...clear, plan: edited }, AT).first).toBe('tripwire');
  });

  it('lets a budget be used up, and not beyond', () => {
    const budget = (used: number) => ({ budgets: [{ what: 'changes an hour', used, limit: 3 }] });
    expect(decide({ ...clear, ...budget(3) }, AT).allowed).toBe(true);
    const { reasons } = decide({ ...clear, ...budget(4) }, AT);
    expect(reasons[0]?.detail).toContain('4 changes an hour, the limit is 3');
  });

  it('does not trust a report whose checks failed, whatever it says of itself', () => {
    const verify = report({ checks: [{ step: 's1', ok: false, detail: 'pip said no' }] });
    const { reasons } = decide({ ...clear, verify }, AT);
    expect(reasons).toEqual([
      { code: 'verify_failed', detail: 'the dry run failed: step s1: pip said no' },
    ]);
  });

  it('says the same of approvals alone as among everything else', () => {
    fc.assert(
      fc.property(arbitraryFacts, (facts) => {
        const all = decide(facts, AT).reasons;
        const waiting = (WAITING_REASONS as readonly string[]).slice();
        expect(decideApprovals(facts, AT).reasons).toEqual(
          all.filter(({ code }) => waiting.includes(code)),
        );
      }),
    );
  });

  it('leaves only what people and time lift to wait for', () => {
    expect(WAITING_REASONS).toEqual(GATE_ORDER.slice(-3));
  });

  it('speaks in the sentences of the error table, and keeps them within what a record holds', () => {
    const decision = decide({ ...clear, killSwitch: { on: true, detail: 'frozen $& by ann' } }, AT);
    expect(decision.reasons[0]?.detail).toBe('the kill switch is on: frozen $& by ann');
    expect(gateErrors.kill_switch.text).toContain('{detail}');
    expect(gateReason('plan_stale', 'x'.repeat(9000)).detail).toHaveLength(4000);
  });
});
