import { VERSION } from '@holdfast/contracts/version';
import { openCluster } from '@holdfast/kube';
import { openOutDir } from '../artifacts/out-dir.ts';
import { verifyStep } from '../apply/verify-step.ts';
import { loadPlan } from '../cluster/load-plan.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT, MkError } from '../frame/mk-error.ts';
import type { planOutFlags } from '../table/k8s-flags.ts';

/** A plan that does not verify is an answer, not a failure: only a plan that cannot be read is refused. */
export const k8sVerify: CommandRun<typeof planOutFlags> = async (flags, { env, now }) => {
  const out = openOutDir(flags.out, now);
  const { items, problem } = loadPlan(flags.plan, 'any');
  if (problem !== undefined) {
    out.explain('k8s_verify_error', problem);
    throw new MkError(problem.detail);
  }
  const cluster = openCluster(env, { version: VERSION });
  await verifyStep({ cluster, items, planPath: flags.plan, out, now });
  return EXIT.done;
};
