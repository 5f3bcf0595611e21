import { makeFolder } from '../artifacts/make-folder.ts';
import type { CommandRun, MkContext } from '../frame/command.ts';
import { EXIT } from '../frame/mk-error.ts';
import type { quickstartFlags } from '../table/demo-flags.ts';

/** One step of the tour: a command line, and what it shows. `needsCluster` is left out where none is asked for. */
interface Step {
  readonly args: readonly string[];
  readonly shows: string;
  readonly needsCluster: boolean;
}

const stepsOf = (out: string, target: readonly string[]): readonly Step[] => [
  {
    args: ['closed-loop', 'run', '--scenario', 'drift', '--out', `${out}/plan`, ...target],
    shows: 'plan',
    needsCluster: false,
  },
  {
    args: ['k8s', 'verify', '--plan', `${out}/plan/k8s_plan.json`, '--out', `${out}/plan`],
    shows: 'verify',
    needsCluster: true,
  },
  {
    args: ['eval', 'k8s', '--out', `${out}/eval`, ...target],
    shows: 'eval',
    needsCluster: true,
  },
  {
    args: ['k8s', 'preflight', '--out', `${out}/preflight`, ...target],
    shows: 'preflight',
    needsCluster: true,
  },
  {
    args: [
      ...['closed-loop', 'watch', '--scenario', 'drift', '--interval', '0'],
      ...['--max-iterations', '2', '--out', `${out}/watch`, ...target],
    ],
    shows: 'watch',
    needsCluster: false,
  },
  {
    args: [
      ...['roi', 'report', '--preflight', `${out}/preflight/preflight_latest.json`],
      ...['--eval', `${out}/eval/eval_latest.json`],
      ...['--watch', `${out}/watch/watch_latest.json`, '--out', `${out}/roi`],
    ],
    shows: 'roi',
    needsCluster: false,
  },
  {
    args: ['export', 'bundle', '--in', out, '--out', `${out}.tar`],
    shows: 'export',
    needsCluster: false,
  },
];

/** Runs the commands that a newcomer would, one after the other. None of them changes a cluster. */
export const quickstart: CommandRun<typeof quickstartFlags> = async (flags, context) => {
  const { runMk } = await import('../frame/run-mk.ts');
  const target = [
    ...['--k8s-namespace', flags['k8s-namespace']],
    ...['--k8s-deployment', flags['k8s-deployment']],
  ];
  // A folder that cannot be made is one fault, not one of every step.
  makeFolder(flags.out);
  const steps = stepsOf(flags.out, target).filter((step) => flags.cluster || !step.needsCluster);
  const quiet: MkContext = { ...context, print: () => undefined };
  let failed = 0;
  for (const { args, shows } of steps) {
    const code = await runMk(args, quiet);
    if (code !== EXIT.done) failed += 1;
    context.print(`${code === EXIT.done ? 'ok  ' : 'FAIL'} ${shows}: mk ${args.join(' ')}`);
  }
  return failed === 0 ? EXIT.done : EXIT.failed;
};
