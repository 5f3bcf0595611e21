import type { Yaml } from './yaml-of.ts';

/** What a runner is for. */
export interface RunnerPlan {
  readonly namespace: string;
  readonly workload: string;
  readonly image: string;
  /** As mk takes it. */
  readonly interval: string;
  readonly apply: boolean;
}

const NAME = 'mk-runner';
const LABELS = { app: NAME };
const USER = 65_532;
/** The Secret that the operator makes; the manifests hold nothing of it. */
export const LICENCE_SECRET = 'mk-license';

const metadata = (plan: RunnerPlan): Yaml => ({
  name: NAME,
  namespace: plan.namespace,
  labels: LABELS,
});

const account = (plan: RunnerPlan): Yaml => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: metadata(plan),
  automountServiceAccountToken: false,
});

/** One workload, the pods of its namespace and their logs; to apply, a patch of that one workload besides. */
const role = (plan: RunnerPlan): Yaml => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: metadata(plan),
  rules: [
    {
      apiGroups: ['apps'],
      resources: ['deployments'],
      resourceNames: [plan.workload],
      verbs: plan.apply ? ['get', 'patch'] : ['get'],
    },
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
    { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
    ...(plan.apply
      ? [
          {
            apiGroups: [''],
            resources: ['namespaces'],
            resourceNames: [plan.namespace],
            verbs: ['get'],
          },
        ]
      : []),
  ],
});

const binding = (plan: RunnerPlan): Yaml => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: metadata(plan),
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: NAME },
  subjects: [{ kind: 'ServiceAccount', name: NAME, namespace: plan.namespace }],
});

/** Nobody calls a runner. */
const network = (plan: RunnerPlan): Yaml => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: metadata(plan),
  spec: { podSelector: { matchLabels: LABELS }, policyTypes: ['Ingress'] },
});

const argsOf = (plan: RunnerPlan): string[] => [
  ...['closed-loop', 'watch', '--scenario', 'baseline', '--observe-source', 'k8s'],
  ...['--k8s-namespace', plan.namespace, '--k8s-deployment', plan.workload],
  ...['--interval', plan.interval, '--keep-iterations', '50', '--out', '/data/report'],
  plan.apply ? '--apply' : '--dry-run',
];

const container = (plan: RunnerPlan): Yaml => ({
  name: 'mk',
  image: plan.image,
  command: ['mk'],
  args: argsOf(plan),
  workingDir: '/data',
  env: [
    { name: 'HOME', value: '/data' },
    ...(plan.apply
      ? [
          { name: 'MODEKEEPER_LICENSE_PATH', value: '/license/license.json' },
          { name: 'MODEKEEPER_LICENSE_PUBLIC_KEYS_PATH', value: '/license/public_keys.json' },
        ]
      : []),
  ],
  resources: {
    requests: { cpu: '50m', memory: '96Mi', 'ephemeral-storage': '64Mi' },
    limits: { cpu: '500m', memory: '256Mi', 'ephemeral-storage': '512Mi' },
  },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
  volumeMounts: [
    { name: 'data', mountPath: '/data' },
    ...(plan.apply ? [{ name: 'license', mountPath: '/license', readOnly: true }] : []),
  ],
});

/** One pod, never two: a second one would act beside the first while a new version starts. */
const deployment = (plan: RunnerPlan): Yaml => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: metadata(plan),
  spec: {
    replicas: 1,
    strategy: { type: 'Recreate' },
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: {
        serviceAccountName: NAME,
        automountServiceAccountToken: true,
        enableServiceLinks: false,
        terminationGracePeriodSeconds: 60,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: USER,
          runAsGroup: USER,
          fsGroup: USER,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        containers: [container(plan)],
        volumes: [
          { name: 'data', emptyDir: { sizeLimit: '512Mi' } },
          ...(plan.apply
            ? [{ name: 'license', secret: { secretName: LICENCE_SECRET, defaultMode: 0o440 } }]
            : []),
        ],
      },
    },
  },
});

/** The manifests of a runner by the name of their file, in the order in which they are applied. */
export const runnerManifests = (plan: RunnerPlan): Readonly<Record<string, Yaml>> => {
  const files = {
    'service-account.yaml': account(plan),
    'role.yaml': role(plan),
    'role-binding.yaml': binding(plan),
    'network-policy.yaml': network(plan),
    'deployment.yaml': deployment(plan),
  };
  return {
    ...files,
    'kustomization.yaml': {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: Object.keys(files),
    },
  };
};
