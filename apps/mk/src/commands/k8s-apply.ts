import { VERSION } from '@holdfast/contracts/version';
import { openCluster } from '@holdfast/kube';
import { actionsOfPlan, CATALOG } from '@holdfast/tuning';
import { decideStep } from '../apply/decide-step.ts';
import { gatedApply } from '../apply/gated-apply.ts';
import { endApply } from '../apply/end-apply.ts';
import { killSwitchBlock } from '../apply/kill-switch-block.ts';
import { chooseRoute, STANDALONE } from '../apply/route.ts';
import { withMemory } from '../apply/with-memory.ts';
import { openOutDir } from '../artifacts/out-dir.ts';
import { writePolicyBundle } from '../bundle/policy-bundle.ts';
import { loadPlan } from '../cluster/load-plan.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT, MkError } from '../frame/mk-error.ts';
import { blockLine } from '../gates/block-lines.ts';
import { readKillSwitch } from '../gates/kill-switch.ts';
import { planLimits } from '../gates/plan-limits.ts';
import { verifyReportPath } from '../gates/verify-report.ts';
import type { applyFlags } from '../table/k8s-flags.ts';

/** Applies a plan through the gate. The kill switch is asked before the plan is so much as read. */
export const k8sApply: CommandRun<typeof applyFlags> = async (flags, context) => {
  const { env, now, complain } = context;
  const { force, plan: planPath, standalone } = flags;
  const out = openOutDir(flags.out, now);
  const policy = { id: 'external_plan', params: { force } };
  const { on, signal } = readKillSwitch(env);
  if (on) {
    killSwitchBlock({ out, now, planPath, signal, force, standalone });
    writePolicyBundle({ out, now, policy });
    complain(blockLine('kill_switch'));
    return EXIT.refused;
  }
  const { items, problem } = loadPlan(planPath, 'any');
  if (problem !== undefined) {
    out.explain('k8s_apply_error', problem);
    throw new MkError(problem.detail);
  }
  const cluster = openCluster(env, { version: VERSION });
  const decided = await decideStep({
    cluster,
    items,
    planPath,
    verifyPath: verifyReportPath(planPath),
    licensePath: flags['license-path'],
    env,
    now,
    limitsOf: (before, nowMs) => planLimits(items, before, nowMs),
  });
  const goes = decided.block === undefined && items.length > 0;
  const { ended, rollback } = await gatedApply({
    cluster,
    decided,
    out,
    now,
    force,
    standalone,
    route: goes ? await chooseRoute(env, standalone) : STANDALONE,
    patchOf: (item, index) =>
      withMemory(item, decided.before[index], actionsOfPlan(item, CATALOG), now()),
  });
  writePolicyBundle({ out, now, policy, rollback });
  return endApply(ended, 'apply', context);
};
