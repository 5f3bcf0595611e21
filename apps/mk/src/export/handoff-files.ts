/** What somebody who takes over needs, by the name of the artifact, and why. */
const PURPOSES: Readonly<Record<string, string>> = {
  'closed_loop_latest.json': 'what was seen, proposed and done',
  'decision_trace_latest.jsonl': 'every decision, one a line',
  'eval_latest.json': 'what the loop would propose',
  'inventory_latest.json': 'what runs where',
  'k8s_apply_latest.json': 'what was applied, or why it was not',
  'k8s_plan.json': 'the plan; verify it again before an apply',
  'k8s_plan.kubectl.sh': 'the same as a script, which nobody ran',
  'k8s_rollback_latest.json': 'what was put back, or why it was not',
  'k8s_verify_latest.json': 'what the server said to the plan; counts for 15 minutes',
  'mk074_before_after_latest.json': 'one knob against the chords on the same samples',
  'passport_latest.json': 'what a session may do',
  'policy_bundle_latest.json': 'which policy decided, and where it comes from',
  'policy_propagation_latest.json': 'which workloads would get a policy',
  'preflight_latest.json': 'whether cluster and workload could be reached',
  'roi_estimate_latest.json': 'what tuning could give back',
  'roi_latest.json': 'what the reports are worth together',
  'roi_summary.md': 'the same at a glance',
  'rollback_plan_latest.json': 'the way back from the last apply',
  'summary.md': 'one run at a glance',
  'watch_latest.json': 'what a session came to',
  'watch_summary.md': 'the same at a glance',
};

/** Folders of single iterations say nothing that the roll-up of their session does not. */
const ITERATION = /(^|\/)iter_\d+\//;

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The files that are handed over: known artifacts, and neither recordings nor licences nor keys. */
export const handoffFiles = (paths: readonly string[]): string[] =>
  paths.filter((path) => Object.hasOwn(PURPOSES, nameOf(path)) && !ITERATION.test(path));

/** README.md of a pack: what is in it, and what to do with it. */
export const handoffReadme = (paths: readonly string[]): string =>
  [
    '# Handover of a tuned workload',
    '',
    'Check that nothing was changed on the way: `sh verify.sh`.',
    '',
    ...paths.map((path) => `- \`${path}\`: ${PURPOSES[nameOf(path)]}`),
    '',
    'In the folder of a plan: `mk k8s verify --plan k8s_plan.json --out .`, then `mk k8s apply --plan k8s_plan.json --out .`',
    'with a licence. To go back: `mk k8s rollback --plan rollback_plan_latest.json --out .`',
    '',
  ].join('\n');
