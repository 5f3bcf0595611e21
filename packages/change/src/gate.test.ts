import { GATE_ORDER, gateErrors, type VerifyReport } from '@holdfast/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApprovalFact, GateFacts } from './gate-facts.ts';
import { decide, decideKillSwitch } from './gate.ts';
import { AT, action, plan, step } from './test-support/arbitrary-plans.ts';

const good = plan();
const report = (changes: Partial<VerifyReport> = {}): VerifyReport => ({
  plan_hash: good.hash,
  ok: true,
  world_revision: 'r1',
  checks: [],
  verified_at: AT,
  ...changes,
});
const yes = (principal: string, changes: Partial<ApprovalFact> = {}): ApprovalFact => ({
  principal,
  kind: 'human',
  plan_hash: good.hash,
  ...changes,
});

const clear: GateFacts = {
  author: 'ann',
  killSwitch: { on: false, detail: '' },
  plan: good,
  worldRevision: 'r1',
  verify: report(),
  risk: 'low',
  policyDenials: [],
  cooldowns: [],
  budget: { used: 1, limit: 10 },
  freezeWindows: [],
  approvals: [],
  rule: { from_risk: 'high', needed: 1, forced: false },
};

const system = plan([
  step({ do: { ...action('1'), params: { ...action('1').params, environment: 'system' } } }),
]);
const systemFacts = { plan: system, verify: report({ plan_hash: system.hash }) };

/** One way to trip each check without touching the others. */
const trips: readonly [string, Partial<GateFacts>][] = [
  ['kill_switch', { killSwitch: { on: true, detail: 'frozen by ann' } }],
  ['tripwire', systemFacts],
  ['plan_stale', { worldRevision: 'r2' }],
  ['verify_missing', { verify: report({ plan_hash: 'other' }) }],
  ['verify_failed', { verify: report({ ok: false }) }],
  ['policy_denied', { policyDenials: ['no pip on Fridays'] }],
  ['cooldown_active', { cooldowns: ['changed a minute ago'] }],
  ['budget_exhausted', { budget: { used: 11, limit: 10 } }],
  ['freeze_window', { freezeWindows: ['year end'] }],
  ['approval_required', { risk: 'high' }],
  [
    'quorum_missing',
    { risk: 'high', rule: { ...clear.rule!, needed: 2 }, approvals: [yes('bob')] },
  ],
];

const arbitraryFacts: fc.Arbitrary<GateFacts> = fc
  .subarray(trips.map(([, facts]) => facts))
  .chain((chosen) =>
    fc.subarray(Object.keys(clear).filter((key) => key !== 'author')).map((missing) => ({
      ...Object.assign({}, clear, ...chosen),
      ...Object.fromEntries(missing.map((key) => [key, undefined])),
    })),
  );

describe('the gate', () => {
  it('allows a change against which nothing stands', () => {
    const decision = decide(clear, AT);
    expect(decision).toMatchObject({ allowed: true, first: null, reasons: [], decided_at: AT });
    expect(decision.evaluated).toEqual(trips.map(([code]) => code));
  });

  it.each(trips)('reports %s alone when only that holds', (code, facts) => {
    const decision = decide({ ...clear, ...facts }, AT);
    expect(decision.reasons.map((reason) => reason.code)).toEqual([code]);
    expect(decision.first).toBe(code);
  });

  it('lists reasons in the fixed order, allows iff there is none, whatever the facts', () => {
    fc.assert(
      fc.property(arbitraryFacts, (facts) => {
        const decision = decide(facts, AT);
        const at = decision.reasons.map((reason) => GATE_ORDER.indexOf(reason.code as 'tripwire'));
        expect(at).toEqual(at.toSorted((a, b) => a - b));
        expect(new Set(at).size).toBe(at.length);
        expect(decision.allowed).toBe(decision.reasons.length === 0);
        expect(decision.first).toBe(decision.reasons[0]?.code ?? null);
        for (const reason of decision.reasons) expect(decision.evaluated).toContain(reason.code);
      }),
    );
  });

  it('puts the kill switch first, whatever else holds', () => {
    fc.assert(
      fc.property(arbitraryFacts, (facts) => {
        const frozen = { ...facts, killSwitch: { on: true, detail: 'stop' } };
        expect(decide(frozen, AT).first).toBe('kill_switch');
        expect(decideKillSwitch(frozen, AT).first).toBe('kill_switch');
      }),
    );
  });

  it('fails closed on every fact that is missing', () => {
    for (const key of Object.keys(clear).filter((name) => name !== 'author')) {
      const decision = decide(
        { ...clear, rule: { ...clear.rule!, from_risk: 'high' }, [key]: undefined },
        AT,
      );
      expect(decision.allowed, key).toBe(false);
    }
  });

  it('refuses a plan that was edited after it was hashed', () => {
    const edited = { ...good, timeout_ms: good.timeout_ms + 1 };
    expect(decide({ ...clear, plan: edited }, AT).first).toBe('tripwire');
  });

  it('speaks in the sentences of the error table', () => {
    const decision = decide({ ...clear, killSwitch: { on: true, detail: 'frozen $& by ann' } }, AT);
    expect(decision.reasons[0]?.detail).toBe('the kill switch is on: frozen $& by ann');
    expect(gateErrors.kill_switch.text).toContain('{detail}');
  });
});

describe('approvals at the gate', () => {
  const needs = (needed: number, approvals: ApprovalFact[]): string | null =>
    decide({ ...clear, risk: 'high', approvals, rule: { ...clear.rule!, needed } }, AT).first;

  it('count distinct people who are not the author', () => {
    expect(needs(1, [yes('bob')])).toBeNull();
    expect(needs(1, [yes('ann')])).toBe('approval_required');
    expect(needs(2, [yes('bob'), yes('bob')])).toBe('quorum_missing');
    expect(needs(2, [yes('bob'), yes('cid')])).toBeNull();
  });

  it('never count a machine, nor a yes to another plan', () => {
    for (const kind of ['ai', 'agent', 'kernel'] as const) {
      expect(needs(1, [yes('bot', { kind })])).toBe('approval_required');
    }
    expect(needs(1, [yes('bob', { plan_hash: 'other' })])).toBe('approval_required');
  });

  it('can be asked for below the threshold, and never be talked away above it', () => {
    const first = (risk: 'low' | 'high', forced: boolean): string | null =>
      decide({ ...clear, risk, rule: { ...clear.rule!, forced } }, AT).first;
    expect(first('low', true)).toBe('approval_required');
    expect(first('high', false)).toBe('approval_required');
    expect(first('low', false)).toBeNull();
  });

  it('are not needed where the undo was part of an approved plan', () => {
    const rule = { ...clear.rule!, waived: 'undo of an approved plan' };
    expect(decide({ ...clear, risk: 'critical', rule }, AT).allowed).toBe(true);
  });
});
