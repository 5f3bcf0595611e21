import type { Cluster } from '@holdfast/kube';
import type { PlanItem } from '@holdfast/tuning';
import { readObject } from '../artifacts/read-json.ts';
import type { OutDir } from '../artifacts/out-dir.ts';
import { applyStep, type ApplyEnded } from './apply-step.ts';
import { decideStep } from './decide-step.ts';
import { planWayBack } from './plan-way-back.ts';
import { chooseRoute, STANDALONE } from './route.ts';
import { verifyStep } from './verify-step.ts';

const VERIFY_PREFIX = 'k8s_rollback_verify';
const MOST_TRIES = 5;
/** How the report of a rollback is called. */
export const ROLLBACK_REPORT = {
  prefix: 'k8s_rollback',
  mode: 'K8S_ROLLBACK',
  force: false,
} as const;

/** The changes of a stack that a rollback plan takes back, beside its items; undefined where no stack made them. */
const changesOf = (
  plan: Readonly<Record<string, unknown>> | undefined,
  items: number,
): readonly string[] | undefined => {
  const changes = plan?.['changes'];
  const isUsable =
    Array.isArray(changes) &&
    changes.length === items &&
    changes.every((change) => typeof change === 'string');
  return isUsable ? changes : undefined;
};

export interface RollbackStep {
  readonly cluster: Cluster;
  readonly items: readonly PlanItem[];
  readonly planPath: string;
  readonly out: OutDir;
  readonly now: () => number;
  readonly env: NodeJS.ProcessEnv;
  readonly licensePath: string | undefined;
  readonly standalone: boolean;
}

const rollbackOnce = async (facts: RollbackStep): Promise<ApplyEnded> => {
  const { cluster, planPath, out, now, env, licensePath, standalone } = facts;
  const plan = readObject(planPath);
  const { items, conflictsIn } = await planWayBack(cluster, facts.items, plan);
  const verified = await verifyStep({ cluster, items, planPath, out, now, prefix: VERIFY_PREFIX });
  const decided = await decideStep({
    cluster,
    items,
    planPath,
    verifyPath: verified.report.latestPath,
    licensePath,
    env,
    now,
    limitsOf: conflictsIn,
  });
  return applyStep({
    ...ROLLBACK_REPORT,
    cluster,
    decided,
    out,
    now,
    route: decided.block === undefined ? await chooseRoute(env, standalone) : STANDALONE,
    standalone,
    undoes: changesOf(plan, items.length),
  });
};

/**
 * Puts back what an apply replaced, and only that: a field that somebody else has set since blocks it. A rollback is an apply
 * of its own: it is verified here and now, and goes through the same gate, and through the stack where one is there. The
 * limits of the engine do not hold it up: they are about moving on. Where a workload changes between its verification and
 * its patch, as one whose pods come and go does all the time, it is tried again.
 */
export const rollbackStep = async (facts: RollbackStep): Promise<ApplyEnded> => {
  for (let tries = 1; ; tries += 1) {
    const ended = await rollbackOnce(facts);
    if (!ended.raced || tries === MOST_TRIES) return ended;
  }
};
