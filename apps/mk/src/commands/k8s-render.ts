import { renderScript } from '@holdfast/tuning';
import { envelope } from '../artifacts/envelope.ts';
import { openOutDir } from '../artifacts/out-dir.ts';
import { loadPlan, planFacts } from '../cluster/load-plan.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT, MkError } from '../frame/mk-error.ts';
import type { planOutFlags } from '../table/k8s-flags.ts';

/** Writes the script of a plan. Nothing is run. */
export const k8sRender: CommandRun<typeof planOutFlags> = async (flags, { now }) => {
  const startedMs = now();
  const out = openOutDir(flags.out, now);
  out.explain('k8s_render_start', { k8s_plan_path: flags.plan });
  const { items, problem } = loadPlan(flags.plan, 'list');
  if (problem !== undefined) {
    out.explain('k8s_render_error', problem);
    throw new MkError(problem.detail);
  }
  const script = out.script('k8s_plan.kubectl.sh', renderScript(items));
  out.explain('k8s_kubectl_plan_written', { path: script, k8s_plan_items: items.length });
  const { path } = out.report('k8s_render', {
    ...envelope({
      startedMs,
      finishedMs: now(),
      outDir: out.path,
      mode: 'K8S_RENDER',
      apply: false,
    }),
    ...planFacts(flags.plan, items),
    k8s_kubectl_plan_path: script,
  });
  out.explain('k8s_render_report', { report_path: path });
  return EXIT.done;
};
