import type { Cluster } from '@holdfast/kube';
import type { PlanItem } from '@holdfast/tuning';
import type { OutDir } from '../artifacts/out-dir.ts';
import { applyStep, type ApplyEnded } from './apply-step.ts';
import { decideStep, type DecidedApply } from './decide-step.ts';
import { verifyStep } from './verify-step.ts';

const VERIFY_PREFIX = 'k8s_rollback_verify';
/** How the report of a rollback is called. */
export const ROLLBACK_REPORT = {
  prefix: 'k8s_rollback',
  mode: 'K8S_ROLLBACK',
  force: false,
} as const;

/**
 * Puts back what an apply replaced. A rollback is an apply of its own: it is verified here and now, and goes through the
 * same gate. The limits of the engine do not hold it up: they are about moving on.
 */
export const rollbackStep = async (facts: {
  readonly cluster: Cluster;
  readonly items: readonly PlanItem[];
  readonly planPath: string;
  readonly out: OutDir;
  readonly now: () => number;
  readonly env: NodeJS.ProcessEnv;
  readonly licensePath: string | undefined;
}): Promise<{ readonly ended: ApplyEnded; readonly decided: DecidedApply }> => {
  const { cluster, items, planPath, out, now, env, licensePath } = facts;
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
  return { ended: await applyStep({ ...ROLLBACK_REPORT, cluster, decided, out, now }), decided };
};
