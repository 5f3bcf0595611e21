import type { ApplyEnded } from '../apply/apply-step.ts';
import { decideStep } from '../apply/decide-step.ts';
import { gatedApply } from '../apply/gated-apply.ts';
import { killSwitchBlock } from '../apply/kill-switch-block.ts';
import { chooseRoute, STANDALONE } from '../apply/route.ts';
import { verifyStep } from '../apply/verify-step.ts';
import { withMemory } from '../apply/with-memory.ts';
import { readKillSwitch } from '../gates/kill-switch.ts';
import type { ApplyEnd } from './action-results.ts';
import type { ApplyOutcome } from './apply-outcome.ts';
import type { Looked } from './look.ts';
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

/** Verifies, asks the gate, applies. Nothing is verified where nothing is left to apply. */
export const applyPhase = async (
  context: LoopContext,
  looked: Looked,
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
    limits: false,
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
    patchOf: (item) => withMemory(item, looked.object, decision.allowed, now()),
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
