import { describe, expect, it } from 'vitest';
import type { Change, Plan } from '@holdfast/contracts';
import type { CliContext } from '../context.ts';
import { showPlan } from './shown-plan.ts';

/** A plan as governance seals it. */
const plan: Plan = {
  change: 'chg_1',
  kind: 'packages.update',
  owner: 'infrastructure_manager',
  target: { host: 'local' },
  base: { revision: 'r1', observed_at: '2026-01-01T00:00:00.000Z' },
  steps: [
    {
      key: 'requests',
      summary: 'requests 2.31.0 to 2.32.0',
      do: {
        driver: 'pip',
        action: 'set',
        params: { operations: [{ package: 'requests', from: '2.31.0', to: '2.32.0' }] },
      },
      inverse: null,
      inverse_summary: '',
      effect: { toward_baseline: false, movement: 'upgrade', major: false, targets: 1 },
    },
  ],
  timeout_ms: 60_000,
  created_at: '2026-01-01T00:00:00.000Z',
  hash: '848d12bd227eccbc8ce9d1dd7b3c690bdb0e0bb26232a011127d91146084a876',
};

const change = {
  id: 'chg_1',
  kind: 'packages.update',
  state: 'waiting',
  target: { host: 'local' },
  plan,
  steps: [],
  approvals: [],
  challenges: [],
  reasons: [],
  proposed_by: 'bob',
  created_at: '2026-01-01T00:00:00.000Z',
} as unknown as Change;

const show = (one: Change, wanted?: string): { plan: Plan; text: string } => {
  let text = '';
  const stderr = { write: (more: string) => (text += more) };
  const context = { process: { stderr } } as unknown as CliContext;
  return { plan: showPlan(context, one, wanted), text };
};

describe('showPlan', () => {
  it('shows what is signed, in words and as a diff, and answers the plan', () => {
    const shown = show(change, plan.hash);
    expect(shown.plan).toBe(plan);
    expect(shown.text).toContain('proposed by bob');
    expect(shown.text).toContain(`signing for plan ${plan.hash}`);
    expect(shown.text).toContain('- requests 2.31.0');
    expect(shown.text).toContain('+ requests 2.32.0');
  });

  it.each<[string, Partial<Plan>]>([
    ['with another step', { steps: [{ ...plan.steps[0]!, summary: 'nothing much' }] }],
    ['for another base', { base: { ...plan.base, revision: 'r2' } }],
    ['with a field more', { class: 'standard' }],
    ['with another hash', { hash: '0'.repeat(64) }],
  ])('lets no plan %s be signed', (_, other) => {
    expect(() => show({ ...change, plan: { ...plan, ...other } })).toThrow(/nothing was signed/);
  });

  it('lets the plan of no other change be signed, nor another one than was looked at', () => {
    expect(() => show({ ...change, id: 'chg_2' })).toThrow(/nothing was signed/);
    expect(() => show({ ...change, kind: 'config' })).toThrow(/nothing was signed/);
    expect(() => show({ ...change, plan: null })).toThrow(/has no plan/);
    expect(() => show(change, 'f'.repeat(64))).toThrow(/is not that of the plan/);
  });

  it('names the target of the plan, whatever the change says', () => {
    const { text } = show({ ...change, target: { host: 'elsewhere' } });
    expect(text).toContain('packages.update on local');
    expect(text).not.toContain('elsewhere');
  });

  it('writes out what a terminal would act on', () => {
    const { text } = show({ ...change, proposed_by: 'bob\u001b[2K\r\n\u202eann' });
    expect(text).toContain('proposed by bob\\u{1b}[2K\\u{d}\\u{a}\\u{202e}ann');
  });
});
