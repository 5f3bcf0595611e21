import type { DraftPlan, Plan, PlanStep, StepProgress } from '@holdfast/contracts';
import { STEP_STATES } from '@holdfast/contracts';
import fc from 'fast-check';
import { makePlan } from '../plan-hash.ts';

export const AT = '2026-01-02T03:04:05.000Z';

export const action = (to: string | null): PlanStep['do'] => ({
  driver: 'pip',
  action: 'packages.apply',
  params: { environment: '/srv/venv', operations: [{ package: 'requests', from: null, to }] },
});

export const step = (changes: Partial<PlanStep> = {}): PlanStep => ({
  key: 's1',
  summary: 'install requests 2.31.0',
  do: action('2.31.0'),
  inverse: action('2.30.0'),
  inverse_summary: 'go back to requests 2.30.0',
  effect: { toward_baseline: true, movement: 'upgrade', major: false, targets: 1 },
  ...changes,
});

export const draft = (steps: PlanStep[] = [step()]): DraftPlan => ({
  target: { host: 'box_linux' },
  base: { revision: 'r1', observed_at: AT },
  steps,
  timeout_ms: 60_000,
});

export const plan = (steps?: PlanStep[]): Plan =>
  makePlan(draft(steps), {
    change: 'chg-1',
    kind: 'packages.repair',
    owner: 'infrastructure_manager',
    created_at: AT,
  });

export const progressOf = (key: string, state: StepProgress['state']): StepProgress => ({
  key,
  state,
  attempts: 1,
  outcome: null,
  started_at: AT,
  finished_at: null,
});

const arbitraryEffect = fc.record({
  toward_baseline: fc.boolean(),
  movement: fc.constantFrom('install', 'upgrade', 'downgrade', 'remove', 'configure', 'other'),
  sensitive: fc.boolean(),
  major: fc.boolean(),
  targets: fc.integer({ min: -2, max: 30 }),
});

export const arbitraryStep = (key: string): fc.Arbitrary<PlanStep> =>
  fc
    .record({ effect: arbitraryEffect, undoable: fc.boolean(), summary: fc.string() })
    .map(({ effect, undoable, summary }) =>
      step({ key, summary, effect, inverse: undoable ? action(null) : null }),
    );

export const arbitrarySteps = (max = 8): fc.Arbitrary<PlanStep[]> =>
  fc
    .integer({ min: 0, max })
    .chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => arbitraryStep(`s${i}`))));

export const arbitraryState = fc.constantFrom(...STEP_STATES);
