import type { Observation, OpParsed, changeDriverOps } from '@holdfast/contracts';
import type { Handler } from '@holdfast/sdk';
import type { DecisionLog } from '../decisions/decision-log.ts';
import { createApplyPolicy } from './apply-policy.ts';
import { planPolicy, readAction, worldOf, type DriverParts } from './plan-policy.ts';
import { verifyPolicy } from './verify-policy.ts';

type Ops = typeof changeDriverOps;

/** Compares what is in force with where a plan, or its way back, should have led. */
const observe = (
  { context, inForce }: DriverParts,
  { plan, undone }: OpParsed<Ops['observeChange']>,
): Observation => {
  const standing = inForce.now();
  const { revision, broken } = standing;
  const steps = undone ? plan.steps.map(({ inverse }) => inverse) : plan.steps.map((s) => s.do);
  const wanted = steps.flatMap((action) => (action ? [readAction(action).to] : [])).at(-1);
  const differs = wanted === undefined ? [] : differences(wanted, revision.checksum, broken);
  return {
    status: differs.length === 0 ? 'as_planned' : 'different',
    world_revision: worldOf(standing),
    detail: `revision ${revision.revision} is in force, ${revision.statements} statements`,
    differences: differs,
    observed_at: context.clock.iso(),
  };
};

const differences = (wanted: string, actual: string, broken: string | undefined): string[] => [
  ...(wanted === actual ? [] : [`policies: expected ${wanted}, got ${actual}`]),
  ...(broken === undefined ? [] : [`policies: ${broken}`]),
];

/** The change driver of policies: the set in force is replaced as a whole, by one step that can be set back. */
export const createPolicyDriver = (
  parts: DriverParts,
  decisions: DecisionLog,
): { readonly [K in keyof Ops]: Handler<Ops[K]> } => {
  const apply = createApplyPolicy(parts);
  return {
    planChange: (input) => planPolicy(parts, input),
    verifyPlan: ({ plan }) => verifyPolicy(parts, decisions, plan),
    applyStep: (input) => apply(input),
    // Nothing about a set of policies gets worse by a number: its dry run says what it does before it is applied.
    sampleSignals: async () => ({ at: parts.context.clock.iso(), values: {} }),
    observeChange: async (input) => observe(parts, input),
  };
};
