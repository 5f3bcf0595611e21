import type { DraftPlan, Plan, PlanStep } from '@holdfast/contracts';
import { CHANGE_KIND_TABLE } from '@holdfast/contracts';
import { makePlan } from '../plan-hash.ts';
import type { TripwireFacts } from '../tripwires/tripwire-facts.ts';
import { AT, draft, step } from './arbitrary-plans.ts';

type Kind = TripwireFacts['change']['kind'];

export const human = { id: 'ann', kind: 'human', role: 'operator' } as const;
export const ai = { id: 'planner-bot', kind: 'ai', role: 'operator' } as const;

/** A plan as governance would have it for this change. */
export const planFor = (
  change: TripwireFacts['change'],
  steps: PlanStep[] = [step()],
  changes: Partial<DraftPlan> = {},
): Plan =>
  makePlan(
    { ...draft(steps), target: change.target, ...changes },
    {
      change: change.id,
      kind: change.kind,
      owner: CHANGE_KIND_TABLE[change.kind].owner ?? 'infrastructure_manager',
      created_at: AT,
    },
  );

export interface Asked {
  readonly kind?: Kind;
  readonly target?: Record<string, string>;
  readonly intent?: unknown;
  readonly steps?: PlanStep[];
  readonly plan?: Partial<DraftPlan>;
}

/** Facts of a change that breaks nothing, but for what is asked for. */
export const facts = (asked: Asked = {}, more: Partial<TripwireFacts> = {}): TripwireFacts => {
  const change = {
    id: 'chg_1',
    kind: asked.kind ?? 'packages.repair',
    target: asked.target ?? { host: 'box_linux' },
    intent: (asked.intent ?? {}) as Record<string, unknown>,
    reverts: null,
  } as const;
  const plan = planFor(change, asked.steps, asked.plan);
  return { change, author: human, plan, at: AT, ...more };
};

/** A step off the baseline with these parameters. */
export const stepWith = (params: Record<string, unknown>, action = 'run'): PlanStep =>
  step({
    do: { driver: 'test', action, params },
    inverse: { driver: 'test', action: 'undo', params: {} },
    effect: { toward_baseline: false, movement: 'other', major: false, targets: 1 },
  });

/** The undo of `original`, or what is passed off as one. */
export const undoFacts = (original: Plan, steps: PlanStep[]): TripwireFacts => {
  const change = {
    id: 'chg_2',
    kind: 'revert',
    target: original.target,
    intent: {},
    reverts: original.change,
  } as const;
  return {
    change,
    author: human,
    plan: planFor(change, steps),
    at: AT,
    original: { id: original.change, plan: original },
  };
};
