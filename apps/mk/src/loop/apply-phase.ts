import type { KubeObject } from '@holdfast/kube';
import { checkLimits } from '@holdfast/tuning';
import type { ApplyEnded } from '../apply/apply-step.ts';
import { decideStep } from '../apply/decide-step.ts';
import { gatedApply } from '../apply/gated-apply.ts';
import { killSwitchBlock } from '../apply/kill-switch-block.ts';
import { chooseRoute, STANDALONE } from '../apply/route.ts';
import { verifyStep } from '../apply/verify-step.ts';
import { withMemory } from '../apply/with-memory.ts';
import type { BrokenLimit } from '../gates/apply-facts.ts';
import { readKillSwitch } from '../gates/kill-switch.ts';
import { brokenLimits, stateOf } from '../gates/plan-limits.ts';
import type { ApplyEnd } from './action-results.ts';
import type { ApplyOutcome } from './apply-outcome.ts';
import { limitsFor } from './limits-for.ts';
import type { LoopContext } from './loop-context.ts';
import type { Proposed } from './propose.ts';

const skip = ({ out }: LoopContext, reason: string): ApplyOutcome => {
  out.explain('closed_loop_apply_skipped', { reason });
  return { end: { kind: 'skipped' }, attempted: false };
};

const stoppedByKillSwitch = (context: LoopContext, planPath: string): ApplyOutcome => {
  const { out, now, env } = context;
  const { signal } = readKillSwitch(env);
  const { standalone } = context.options;
  const { latestPath } = killSwitchBlock({ out, now, planPath, signal, standalone });
  out.explain('closed_loop_apply_blocked', { reason: 'kill_switch', detail: signal });
  return {
    end: { kind: 'blocked', reason: 'kill_switch' },
    attempted: false,
    applyReportPath: latestPath,
  };
};

const endOf = ({ ok, open, stopped, block }: ApplyEnded): ApplyEnd => {
  if (stopped) return { kind: 'skipped' };
  if (block !== undefined) return { kind: 'blocked', reason: block.reason, line: block.line };
  if (open) return { kind: 'open' };
  return { kind: ok ? 'applied' : 'failed' };
};

/** What was allowed for the workload as it was looked at, held against the workload that the patch will meet. */
const stillBroken = (
  context: LoopContext,
  { decision, items }: Proposed,
  object: KubeObject | undefined,
): BrokenLimit[] => {
  const { blocked } = checkLimits(decision.allowed, limitsFor(context, stateOf(object)));
  return items.flatMap((item) => brokenLimits(item, blocked));
};

/** Verifies, asks the gate, applies. Nothing is verified where nothing is left to apply. */
export const applyPhase = async (
  context: LoopContext,
  proposed: Proposed,
): Promise<ApplyOutcome> => {
  const { options, out, now, env } = context;
  const { decision, items, planPath } = proposed;
  const { standalone } = options;
  if (readKillSwitch(env).on) return stoppedByKillSwitch(context, planPath);
  if (decision.proposed.length === 0) return skip(context, 'no_proposals');
  if (decision.allowed.length === 0) return skip(context, 'no_approved_proposals');
  const { verification, report } = await verifyStep({
    cluster: await context.cluster(),
    items,
    planPath,
    out,
    now,
  });
  if (context.signal?.aborted) return skip(context, 'stopped');
  const cluster = await context.applyCluster();
  const decided = await decideStep({
    cluster,
    items,
    planPath,
    verifyPath: report.latestPath,
    licensePath: options.licensePath,
    env,
    now,
    limitsOf: ([object]) => stillBroken(context, proposed, object),
  });
  const { ended, rollback } = await gatedApply({
    cluster,
    decided,
    out,
    now,
    force: false,
    route: decided.block === undefined ? await chooseRoute(env, standalone) : STANDALONE,
    standalone,
    actions: decision.allowed,
    signal: context.signal,
    patchOf: (item, index) => withMemory(item, decided.before[index], decision.allowed, now()),
  });
  const { block, report: applyReport, appliedThrough, changes } = ended;
  if (block !== undefined)
    out.explain('closed_loop_apply_blocked', { reason: block.reason, detail: block.detail });
  return {
    end: endOf(ended),
    attempted: block === undefined && !ended.stopped,
    licence: decided.licence,
    verification,
    verifyReportPath: report.latestPath,
    applyReportPath: applyReport.latestPath,
    rollback,
    appliedThrough,
    changeId: changes[0]?.change,
  };
};
