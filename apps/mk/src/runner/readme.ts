import { LICENCE_SECRET, type RunnerPlan } from './manifests.ts';

/** README.md beside the manifests: what they allow, and how they are applied. */
export const runnerReadme = (plan: RunnerPlan): string =>
  [
    '# A runner of mk in the cluster',
    '',
    `It looks at the Deployment ${plan.workload} in ${plan.namespace} every ${plan.interval} and ${
      plan.apply ? 'applies what the gate allows' : 'proposes; it changes nothing'
    }.`,
    '',
    '| it may | of |',
    '| --- | --- |',
    `| ${plan.apply ? 'get, patch' : 'get'} | the Deployment ${plan.workload} |`,
    '| get, list | pods of the namespace, and their logs |',
    ...(plan.apply ? [`| get | the namespace ${plan.namespace} |`] : []),
    '',
    ...(plan.apply
      ? [
          `The licence is a Secret that you make; nothing of it is in these files:`,
          '',
          '```sh',
          `kubectl -n ${plan.namespace} create secret generic ${LICENCE_SECRET} \\`,
          '  --from-file=license.json --from-file=public_keys.json',
          '```',
          '',
        ]
      : []),
    'Nothing was applied. To do so:',
    '',
    '```sh',
    'kubectl apply -k .',
    '```',
    '',
  ].join('\n');
