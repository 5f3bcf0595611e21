import type { Change, DraftPlan, Plan, PlanStep, Principal } from '@holdfast/contracts';
import { ann, type GovernanceWorld } from './governance-world.ts';

type Ops = Record<string, (input: never) => unknown>;
type WithPlan = { readonly plan: Plan };

/** Makes the owner of packages draft plans with something more than it has in mind. */
export const draftWith = ({ fake }: GovernanceWorld, more: Partial<DraftPlan>): void => {
  const ops = fake.ops as Ops;
  const { planChange } = ops;
  ops['planChange'] = (input) => ({ ...(planChange!(input) as DraftPlan), ...more });
};

const isPackages = (step: PlanStep): boolean => step.do.driver !== 'workflow';

/** Makes the owner of packages draft plans that end with a step at which people approve again. */
export const draftWithApprovalStep = ({ fake }: GovernanceWorld, key: string): void => {
  const ops = fake.ops as Ops;
  const { planChange, verifyPlan } = ops;
  const step: PlanStep = {
    key,
    summary: 'wait until somebody lets it go on',
    do: { driver: 'workflow', action: 'approval', params: {} },
    inverse: { driver: 'workflow', action: 'timer', params: { ms: 0 } },
    inverse_summary: 'nothing',
    effect: { toward_baseline: true, movement: 'other', major: false, targets: 1 },
  };
  ops['planChange'] = (input) => {
    const draft = planChange!(input) as DraftPlan;
    return { ...draft, steps: [...draft.steps, step] };
  };
  ops['verifyPlan'] = ((input: WithPlan) => {
    const steps = input.plan.steps.filter(isPackages);
    return verifyPlan!({ ...input, plan: { ...input.plan, steps } } as never);
  }) as never;
};

/** Proposes an update off the baseline: of medium risk, which changes one package. */
export const proposeUpdate = (
  { as }: GovernanceWorld,
  more: {
    readonly by?: Principal;
    readonly hold?: boolean;
    readonly ttl_s?: number;
    readonly to?: string;
    readonly intent?: Record<string, unknown>;
  } = {},
): Promise<Change> => {
  const { by = ann, to = '2.32.0', intent, ...rest } = more;
  return as(by).proposeChange({
    kind: 'packages.update',
    target: { host: 'local' },
    intent: { packages: [`requests==${to}`], ...intent },
    ...rest,
  });
};
