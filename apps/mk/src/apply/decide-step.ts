import type { Cluster, KubeObject } from '@holdfast/kube';
import type { PlanItem } from '@holdfast/tuning';
import { decideApply, type ApplyBlock } from '../gates/decide-apply.ts';
import { judgeLicence } from '../gates/judge-licence.ts';
import { readKillSwitch } from '../gates/kill-switch.ts';
import { judgeVerifyReport } from '../gates/verify-report.ts';
import type { BrokenLimit, LicenceVerdict, VerifyVerdict } from '../gates/apply-facts.ts';

/** An apply as the gate decided it. `block` is absent when it may go on. */
export interface DecidedApply {
  readonly items: readonly PlanItem[];
  readonly planPath: string;
  /** The present context of the kubeconfig. */
  readonly context: string | null;
  readonly licence: LicenceVerdict;
  readonly verify: VerifyVerdict;
  /** The workloads beside the items, where they could be read. */
  readonly before: readonly (KubeObject | undefined)[];
  readonly block?: ApplyBlock;
}

const readBefore = async (
  cluster: Cluster,
  items: readonly PlanItem[],
): Promise<(KubeObject | undefined)[]> =>
  Promise.all(items.map(async (item) => (await cluster.workload(item)).object));

/**
 * Gathers what decides an apply, and asks the gate. Reads; changes nothing. The workloads are read only for a plan that
 * passed its verification; `limitsOf` says what they do not allow, as they were read then, at this time in milliseconds.
 */
export const decideStep = async (facts: {
  readonly cluster: Cluster;
  readonly items: readonly PlanItem[];
  readonly planPath: string;
  readonly verifyPath: string;
  readonly licensePath: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly now: () => number;
  readonly limitsOf: (
    before: readonly (KubeObject | undefined)[],
    nowMs: number,
  ) => readonly BrokenLimit[];
}): Promise<DecidedApply> => {
  const { cluster, items, planPath, env, now } = facts;
  const named = await cluster.currentContext();
  const context = (named.ok && named.stdout.trim()) || null;
  const nowMs = now();
  const licence = judgeLicence({ env, path: facts.licensePath, context, nowMs });
  const verify = judgeVerifyReport(facts.verifyPath, { items, context, nowMs });
  const before = licence.ok && verify.ok ? await readBefore(cluster, items) : [];
  const block = decideApply(
    {
      items,
      killSwitch: readKillSwitch(env),
      licence,
      verify,
      limits: facts.limitsOf(before, nowMs),
    },
    new Date(nowMs).toISOString(),
  );
  const decided = { items, planPath, context, licence, verify, before };
  return block === undefined ? decided : { ...decided, block };
};
