import {
  HoldfastError,
  isHoldfastError,
  type Plan,
  type PlanStep,
  type VerifyReport,
} from '@holdfast/contracts';
import type { CompiledSet } from '../cedar/compiled-set.ts';
import type { DecisionLog } from '../decisions/decision-log.ts';
import { agrees, dryRun } from '../decisions/dry-run.ts';
import { requireSet } from '../sets/check-set.ts';
import { createTurns } from '../turns.ts';
import { readAction, worldOf, type DriverParts } from './plan-policy.ts';

const DRY_RUN_DECISIONS = 1_000;
const COMPARED_DECISIONS = 200;

type Check = VerifyReport['checks'][number];

/** Both evaluators have to agree about what was decided last, or the set does not come into force. */
const compare = async (decisions: DecisionLog, set: CompiledSet): Promise<string | undefined> => {
  const turn = createTurns();
  for await (const page of decisions.last(COMPARED_DECISIONS))
    for (const { request } of page) {
      await turn(set.statements.length);
      if (!agrees(set, request))
        return `the two evaluators of policies disagree about change ${request.change}`;
    }
  return undefined;
};

const verifyStep = async (
  { context, policies }: DriverParts,
  decisions: DecisionLog,
  { key, do: action }: PlanStep,
): Promise<Check> => {
  const { to } = readAction(action);
  const stored = await policies.find(to);
  if (!stored) throw new HoldfastError('policy_draft_not_found', { checksum: to });
  const set = await requireSet(stored.files, context.clock.iso());
  const disagreement = await compare(decisions, set);
  if (disagreement !== undefined) return { step: key, ok: false, detail: disagreement };
  const { summary } = await dryRun(decisions, set, DRY_RUN_DECISIONS);
  const detail = `${set.statements.length} statements are valid; of the last decisions ${summary}`;
  return { step: key, ok: true, detail };
};

/** Checks what a plan would put into force once more, and says what it would have decided lately. */
export const verifyPolicy = async (
  parts: DriverParts,
  decisions: DecisionLog,
  plan: Plan,
): Promise<VerifyReport> => {
  const world_revision = worldOf(parts.inForce.now());
  const checks: Check[] = [];
  for (const step of plan.steps) {
    const refused = (error: unknown): Check => {
      if (!isHoldfastError(error)) throw error;
      return { step: step.key, ok: false, detail: error.message.slice(0, 4000) };
    };
    checks.push(await verifyStep(parts, decisions, step).catch(refused));
  }
  return {
    plan_hash: plan.hash,
    ok: checks.length > 0 && checks.every(({ ok }) => ok),
    world_revision,
    checks,
    verified_at: parts.context.clock.iso(),
  };
};
