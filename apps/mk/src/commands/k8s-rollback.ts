import { VERSION } from '@holdfast/contracts/version';
import { openCluster } from '@holdfast/kube';
import { applyStep } from '../apply/apply-step.ts';
import { decideStep } from '../apply/decide-step.ts';
import { endApply } from '../apply/end-apply.ts';
import { killSwitchBlock } from '../apply/kill-switch-block.ts';
import { chooseRoute, STANDALONE } from '../apply/route.ts';
import { verifyStep } from '../apply/verify-step.ts';
import { openOutDir } from '../artifacts/out-dir.ts';
import { readObject } from '../artifacts/read-json.ts';
import { loadPlan } from '../cluster/load-plan.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT, MkError } from '../frame/mk-error.ts';
import { blockLine } from '../gates/block-lines.ts';
import { readKillSwitch } from '../gates/kill-switch.ts';
import type { rollbackFlags } from '../table/k8s-flags.ts';

const VERIFY_PREFIX = 'k8s_rollback_verify';
const REPORT = { prefix: 'k8s_rollback', mode: 'K8S_ROLLBACK', force: false } as const;

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
 * same gate. The limits of the engine do not hold it up: they are about moving on.
 */
export const k8sRollback: CommandRun<typeof rollbackFlags> = async (flags, context) => {
  const { env, now, complain } = context;
  const { plan: planPath, standalone } = flags;
  const out = openOutDir(flags.out, now);
  const { on, signal } = readKillSwitch(env);
  if (on) {
    killSwitchBlock({ ...REPORT, out, now, planPath, signal, standalone });
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
  const route = decided.block === undefined ? await chooseRoute(env, standalone) : STANDALONE;
  const undoes = changesOf(planPath, items.length);
  const ended = await applyStep({
    ...REPORT,
    cluster,
    decided,
    out,
    now,
    route,
    standalone,
    undoes,
  });
  return endApply(ended, 'rollback', context);
};
