import { CHANGE_STATES, type Change } from '@holdfast/contracts';
import { describe, expect, it } from 'vitest';
import { describeChange, narrate, standing } from './narrate.ts';
import { AT, plan, progressOf } from './test-support/arbitrary-plans.ts';

const change: Change = {
  id: 'chg_1',
  kind: 'packages.repair',
  state: 'done',
  risk: 'low',
  risk_reasons: ['restores the declared baseline'],
  reasons: [{ code: 'step_failed', detail: 'step s1: pip said no' }],
  target: { host: 'box_linux' },
  intent: {},
  plan: plan(),
  verify: null,
  gate: null,
  approvals: [],
  challenges: [],
  held: false,
  active_at: null,
  steps: [progressOf('s1', 'succeeded')],
  observation: {
    status: 'as_planned',
    world_revision: 'r2',
    detail: '1 packages are as planned',
    differences: [],
    observed_at: AT,
  },
  reverts: null,
  reverted_by: 'chg_2',
  proposed_by: 'ann',
  created_at: AT,
  updated_at: AT,
  expires_at: AT,
  finished_at: null,
  version: 1,
};

describe('a change in words', () => {
  it('says what it is', () => {
    expect(describeChange(change)).toBe('repair of the declared packages on box_linux');
    expect(describeChange({ ...change, kind: 'revert', reverts: 'chg_0' })).toBe(
      'undo of change chg_0 on box_linux',
    );
  });

  it.each([
    ['planned', 'planned in 1 step, risk low (restores the declared baseline), to be dry-run'],
    ['approved', 'allowed without approval, risk low (restores the declared baseline)'],
    ['done', 'done, 1 of 1 step applied: 1 packages are as planned'],
    ['failed', 'failed, 1 of 1 step applied: step s1: pip said no'],
    ['reverted', 'undone by change chg_2: step s1: pip said no'],
  ] as const)('says how it stands when it is %s', (state, words) => {
    expect(standing({ ...change, state })).toEqual({ code: state, detail: words });
    expect(narrate({ ...change, state })).toBe(
      `repair of the declared packages on box_linux: ${words}`,
    );
  });

  it('has words for every state, without a full stop and with nothing undefined', () => {
    const bare = { ...change, plan: null, reasons: [], steps: [], observation: null };
    for (const state of CHANGE_STATES) {
      for (const words of [narrate({ ...change, state }), narrate({ ...bare, state })])
        expect(words).not.toMatch(/undefined|\.$/);
    }
  });
});
