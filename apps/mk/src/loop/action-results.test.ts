import type { Action } from '@holdfast/tuning';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionResults, applySummary, countReasons, type ApplyEnd } from './action-results.ts';

const action = (knob: string): Action => ({ knob, target: 1, reason: 'r', chord: 'C' });
const ENDS: readonly ApplyEnd[] = [
  { kind: 'not_requested' },
  { kind: 'skipped' },
  { kind: 'blocked', reason: 'verify_failed' },
  { kind: 'applied' },
  { kind: 'reverted' },
  { kind: 'failed' },
];

describe('the results of proposed actions', () => {
  it('are as many as the proposals, in their order, and a blocked one is never applied', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { maxLength: 8 }),
        fc.constantFrom(...ENDS),
        (held, end) => {
          const proposed = held.map((_, index) => action(`k${index}`));
          const blocked = new Map(
            proposed.filter((_, index) => held[index]).map((one) => [one, 'unknown_chord']),
          );
          const results = actionResults(proposed, blocked, end);
          expect(results.map((result) => result.action)).toEqual(proposed);
          for (const result of results) {
            expect(result.applied && result.blocked).toBe(false);
            if (blocked.has(result.action)) expect(result.reason).toBe('unknown_chord');
            else expect(result.applied).toBe(end.kind === 'applied');
          }
        },
      ),
    );
  });

  it.each([
    ['not_requested', 'dry_run', 'apply not requested (dry-run)'],
    ['skipped', 'dry_run', 'apply not attempted'],
    ['blocked', 'verify_failed', 'apply blocked: verify_failed'],
    ['applied', 'k8s_apply', 'apply executed: ok'],
    ['reverted', 'reverted', 'apply executed: ok, then rolled back'],
    ['failed', 'k8s_apply_failed', 'apply executed: failed'],
  ])('carry the reason of an apply that is %s', (kind, reason, words) => {
    const end = ENDS.find((one) => one.kind === kind) as ApplyEnd;
    expect(actionResults([action('k')], new Map(), end)[0]?.reason).toBe(reason);
    expect(applySummary(end)).toBe(words);
  });

  it('are counted by reason', () => {
    const proposed = [action('a'), action('b'), action('c')];
    const blocked = new Map([[proposed[0] as Action, 'cooldown_active']]);
    const results = actionResults(proposed, blocked, { kind: 'applied' });
    expect(countReasons(results, 'blocked')).toEqual({ cooldown_active: 1 });
    expect(countReasons(results, 'applied')).toEqual({ r: 2 });
  });
});
