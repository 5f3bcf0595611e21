import { buildPlan, decideActions, renderScript } from '@holdfast/tuning';
import type { Action, Decision, KubeObject as KubeDocument, PlanItem } from '@holdfast/tuning';
import type { Looked } from './look.ts';
import { limitsFor } from './limits-for.ts';
import type { LoopContext } from './loop-context.ts';

/** What is proposed, what of it may go on, and the plan of that, on disk. */
export interface Proposed {
  readonly decision: Decision;
  readonly blocked: ReadonlyMap<Action, string>;
  readonly items: readonly PlanItem[];
  readonly planPath: string;
  readonly scriptPath: string;
}

/** Turns signals into actions, splits them by envelope and limits, and writes the plan. */
export const propose = (context: LoopContext, { signals, object, workload }: Looked): Proposed => {
  const { options, out } = context;
  const decision = decideActions({
    policy: options.policy,
    signals,
    ...limitsFor(context, workload?.state),
    applying: options.apply,
    approveAdvanced: options.approveAdvanced,
  });
  out.explain('closed_loop_proposed', { policy: options.policy, proposed: decision.proposed });
  for (const { action, reason } of decision.blocked) out.explain('blocked', { reason, action });
  const items = buildPlan(decision.allowed, {
    ...options.target,
    object: object as unknown as KubeDocument | undefined,
  });
  const planPath = out.json('k8s_plan.json', items);
  out.explain('k8s_plan_written', { path: planPath, k8s_plan_items: items.length });
  const scriptPath = out.script('k8s_plan.kubectl.sh', renderScript(items));
  out.explain('k8s_kubectl_plan_written', { path: scriptPath, k8s_plan_items: items.length });
  return {
    decision,
    blocked: new Map(decision.blocked.map(({ action, reason }) => [action, reason])),
    items,
    planPath,
    scriptPath,
  };
};
