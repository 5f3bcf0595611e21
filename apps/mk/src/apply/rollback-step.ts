import type { Cluster } from '@holdfast/kube';
import type { PlanItem } from '@holdfast/tuning';
import { readObject } from '../artifacts/read-json.ts';
import type { OutDir } from '../artifacts/out-dir.ts';
import { applyStep, type ApplyEnded } from './apply-step.ts';
import { decideStep } from './decide-step.ts';
import { chooseRoute, STANDALONE } from './route.ts';
import { verifyStep } from './verify-step.ts';

const VERIFY_PREFIX = 'k8s_rollback_verify';
/** How the report of a rollback is called. */
export const ROLLBACK_REPORT = {
  prefix: 'k8s_rollback',
  mode: 'K8S_ROLLBACK',
  force: false,
} as const;

/** The changes of a stack that a rollback plan takes back, beside its items; undefined where no stack made them. */
const changesOf = (path: string, items: number): readonly string[] | undefined => {
  const changes = readObject(path)?.['changes'];
  const isUsable =
    Array.isArray(changes) &&
    changes.length === items &&
    changes.every((change) => typeof change === 'string');
  return isUsable ? changes : undefined;
};

/**
 * Puts back what an apply replaced. A rollback is an apply of its own: it is verified here and now, and goes through the
 * same gate, and through the stack where one is there. The limits of the engine do not hold it up: they are about moving on.
 */
export const rollbackStep = async (facts: {
  readonly cluster: Cluster;
  readonly items: readonly PlanItem[];
  readonly planPath: string;
  readonly out: OutDir;
  readonly now: () => number;
  readonly env: NodeJS.ProcessEnv;
  readonly licensePath: string | undefined;
  readonly standalone: boolean;
}): Promise<ApplyEnded> => {
  const { cluster, items, planPath, out, now, env, licensePath, standalone } = facts;
  const verified = await verifyStep({ cluster, items, planPath, out, now, prefix: VERIFY_PREFIX });
  const decided = await decideStep({
    cluster,
    items,
    planPath,
    verifyPath: verified.report.latestPath,
    licensePath,
    env,
    now,
    limits: false,
  });
  return applyStep({
    ...ROLLBACK_REPORT,
    cluster,
    decided,
    out,
    now,
    route: decided.block === undefined ? await chooseRoute(env, standalone) : STANDALONE,
    standalone,
    undoes: changesOf(planPath, items.length),
  });
};
