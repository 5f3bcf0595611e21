import type { ApplyEnded } from '../apply/apply-step.ts';
import { rollbackStep } from '../apply/rollback-step.ts';
import type { ApplyOutcome } from '../loop/apply-outcome.ts';
import type { Looked } from '../loop/look.ts';
import type { LoopContext } from '../loop/loop-context.ts';
import { loadPlan } from '../cluster/load-plan.ts';
import type { Revert } from './regression-watch.ts';
import { watchWindow } from './watch-window.ts';

const refused = (detail: string, path: string | null): Revert => ({
  ok: false,
  reason: 'rollback_failed',
  detail,
  rollback_plan_path: path,
  report_path: null,
});

const whyNot = ({
  ok,
  open,
  block,
  changes,
  report,
}: ApplyEnded): Pick<Revert, 'reason' | 'detail'> => {
  if (ok) return { reason: null, detail: null };
  if (block !== undefined) return { reason: block.reason, detail: block.detail };
  if (open) {
    const ids = changes.map(({ change }) => change).join(', ');
    return {
      reason: 'rollback_open',
      detail: `${ids} goes on in the stack, and was not waited for`,
    };
  }
  return { reason: 'rollback_failed', detail: `see checks.items of ${report.path}` };
};

/** Puts back what the apply replaced, by its rollback plan and through the same gates. */
const revert = async (context: LoopContext, planPath: string | null): Promise<Revert> => {
  if (planPath === null) return refused('no rollback plan was written', planPath);
  const { items, problem } = loadPlan(planPath, 'any');
  if (problem !== undefined) return refused(problem.detail, planPath);
  if (items.length === 0) return refused(`${planPath}: it has no items`, planPath);
  const { out, now, env, options } = context;
  const ended = await rollbackStep({
    cluster: await context.applyCluster(),
    items,
    planPath,
    out,
    now,
    env,
    licensePath: options.licensePath,
    standalone: options.standalone,
  });
  return {
    ok: ended.ok,
    ...whyNot(ended),
    rollback_plan_path: planPath,
    report_path: ended.report.latestPath,
  };
};

/** Watches an apply that worked; takes it back where the workload got worse, or where nobody can tell. */
export const settleApply = async (
  context: LoopContext,
  looked: Looked,
  applied: ApplyOutcome,
): Promise<ApplyOutcome> => {
  const { out } = context;
  const watch = await watchWindow(context, looked);
  out.explain('closed_loop_regression_watch', watch);
  if (watch.state !== 'failed' && watch.state !== 'stopped') return { ...applied, watch };
  const done = await revert(context, applied.rollback?.path ?? null);
  out.explain('closed_loop_revert', { because: watch.reason, ...done });
  return {
    ...applied,
    end: done.ok ? { kind: 'reverted' } : applied.end,
    watch,
    revert: done,
  };
};
