import { VERSION } from '@holdfast/contracts/version';
import { openCluster } from '@holdfast/kube';
import { applyStep } from '../apply/apply-step.ts';
import { decideStep } from '../apply/decide-step.ts';
import { killSwitchBlock } from '../apply/kill-switch-block.ts';
import { verifyStep } from '../apply/verify-step.ts';
import { openOutDir } from '../artifacts/out-dir.ts';
import { loadPlan } from '../cluster/load-plan.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT, MkError } from '../frame/mk-error.ts';
import { blockLine } from '../gates/block-lines.ts';
import { readKillSwitch } from '../gates/kill-switch.ts';
import type { rollbackFlags } from '../table/k8s-flags.ts';

const VERIFY_PREFIX = 'k8s_rollback_verify';
const REPORT = { prefix: 'k8s_rollback', mode: 'K8S_ROLLBACK', force: false } as const;

/**
 * Puts back what an apply replaced. A rollback is an apply of its own: it is verified here and now, and goes through the
 * same gate. The limits of the engine do not hold it up: they are about moving on.
 */
export const k8sRollback: CommandRun<typeof rollbackFlags> = async (flags, context) => {
  const { env, now, complain } = context;
  const planPath = flags.plan;
  const out = openOutDir(flags.out, now);
  const { on, signal } = readKillSwitch(env);
  if (on) {
    killSwitchBlock({ ...REPORT, out, now, planPath, signal });
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
  const cluster = openCluster(env, { version: VERSION });
  const verified = await verifyStep({ cluster, items, planPath, out, now, prefix: VERIFY_PREFIX });
  const decided = await decideStep({
    cluster,
    items,
    planPath,
    verifyPath: verified.report.latestPath,
    licensePath: flags['license-path'],
    env,
    now,
    limits: false,
  });
  const ended = await applyStep({ ...REPORT, cluster, decided, out, now });
  if (ended.ok) return EXIT.done;
  if (decided.block === undefined) {
    complain(`ERROR: rollback failed (see checks.items of ${ended.report.latestPath})`);
    return EXIT.failed;
  }
  complain(blockLine(decided.block.reason));
  return EXIT.refused;
};
