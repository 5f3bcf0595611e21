import { VERSION } from '@holdfast/contracts/version';
import { openCluster } from '@holdfast/kube';
import { endApply } from '../apply/end-apply.ts';
import { killSwitchBlock } from '../apply/kill-switch-block.ts';
import { ROLLBACK_REPORT, rollbackStep } from '../apply/rollback-step.ts';
import { openOutDir } from '../artifacts/out-dir.ts';
import { loadPlan } from '../cluster/load-plan.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT, MkError } from '../frame/mk-error.ts';
import { blockLine } from '../gates/block-lines.ts';
import { readKillSwitch } from '../gates/kill-switch.ts';
import type { rollbackFlags } from '../table/k8s-flags.ts';

/** Puts back what an apply replaced, by the plan that the apply wrote. */
export const k8sRollback: CommandRun<typeof rollbackFlags> = async (flags, context) => {
  const { env, now, complain } = context;
  const { plan: planPath, standalone } = flags;
  const out = openOutDir(flags.out, now);
  const { on, signal } = readKillSwitch(env);
  if (on) {
    killSwitchBlock({ ...ROLLBACK_REPORT, out, now, planPath, signal, standalone });
    complain(blockLine('kill_switch'));
    return EXIT.refused;
  }
  const { items, problem } = loadPlan(planPath, 'any');
  if (problem !== undefined) {
    out.explain('k8s_apply_error', problem);
    throw new MkError(problem.detail);
  }
  if (items.length === 0)
    throw new MkError(`${planPath}: there is nothing to roll back: it has no items`);
  const ended = await rollbackStep({
    cluster: openCluster(env, { version: VERSION }),
    items,
    planPath,
    out,
    now,
    env,
    licensePath: flags['license-path'],
    standalone,
  });
  return endApply(ended, 'rollback', context);
};
