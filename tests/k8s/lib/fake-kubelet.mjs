const API = 'kwok.x-k8s.io/v1alpha1';

/** A change of state of the fake kubelet: what is `selected` gets the status of the template (Go's text/template). */
const stage = (name, kind, selected, next) => ({
  apiVersion: API,
  kind: 'Stage',
  metadata: { name },
  spec: {
    resourceRef: { apiGroup: 'v1', kind },
    selector: {
      matchExpressions: selected.map(([key, operator, ...values]) => ({
        key,
        operator,
        ...(values.length > 0 ? { values } : {}),
      })),
    },
    next,
  },
});

const IS_READY = '.status.conditions.[] | select( .type == "Ready" ) | .status';
const ALIVE = ['.metadata.deletionTimestamp', 'DoesNotExist'];
const lines = (...text) => `${text.join('\n')}\n`;

const condition = (type, status = 'True') =>
  `- {type: ${type}, status: "${status}", reason: Fake, lastTransitionTime: "{{ Now }}", lastHeartbeatTime: "{{ Now }}"}`;
const podCondition = (type) => `- {type: ${type}, status: "True", lastTransitionTime: "{{ Now }}"}`;

const containers = (state) => [
  'containerStatuses:',
  '{{ range .spec.containers }}',
  '- name: {{ .name | Quote }}',
  '  image: {{ .image | Quote }}',
  '  imageID: ""',
  '  restartCount: 0',
  ...state.map((line) => `  ${line}`),
  '{{ end }}',
];

const nodeReady = stage('node-ready', 'Node', [[IS_READY, 'NotIn', 'True']], {
  statusTemplate: lines(
    'conditions:',
    condition('Ready'),
    condition('MemoryPressure', 'False'),
    condition('DiskPressure', 'False'),
    condition('PIDPressure', 'False'),
    'addresses:',
    '- {type: InternalIP, address: {{ NodeIP | Quote }}}',
    'daemonEndpoints: {kubeletEndpoint: {Port: {{ NodePort }}}}',
    'capacity: {cpu: "64", memory: 256Gi, pods: "500", nvidia.com/gpu: "8"}',
    'allocatable: {cpu: "64", memory: 256Gi, pods: "500", nvidia.com/gpu: "8"}',
    'phase: Running',
  ),
});

const podRunning = stage(
  'pod-running',
  'Pod',
  [ALIVE, ['.status.phase', 'In', 'Pending'], [IS_READY, 'NotIn', 'True']],
  {
    statusTemplate: lines(
      'phase: Running',
      'startTime: "{{ Now }}"',
      'hostIP: {{ NodeIP | Quote }}',
      'podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) .metadata.uid .metadata.name .metadata.namespace | Quote }}',
      'conditions:',
      podCondition('Initialized'),
      podCondition('ContainersReady'),
      podCondition('Ready'),
      ...containers(['ready: true', 'started: true', 'state: {running: {startedAt: "{{ Now }}"}}']),
    ),
  },
);

const podOfJobDone = stage(
  'pod-of-job-done',
  'Pod',
  [ALIVE, ['.status.phase', 'In', 'Running'], ['.metadata.ownerReferences.[].kind', 'In', 'Job']],
  {
    statusTemplate: lines(
      'phase: Succeeded',
      ...containers([
        'ready: false',
        'started: false',
        'state: {terminated: {exitCode: 0, reason: Completed, startedAt: "{{ Now }}", finishedAt: "{{ Now }}"}}',
      ]),
    ),
  },
);

const podGone = stage('pod-gone', 'Pod', [['.metadata.deletionTimestamp', 'Exists']], {
  finalizers: { empty: true },
  delete: true,
});

/**
 * Nodes become ready, pods run as soon as they are placed, pods of jobs succeed, deleted pods go. Every container of every
 * pod has the lines of `podLog` as its log, in the format of container runtimes.
 */
export const fakeKubeletConfig = (podLog) =>
  [
    nodeReady,
    podRunning,
    podOfJobDone,
    podGone,
    {
      apiVersion: API,
      kind: 'ClusterLogs',
      metadata: { name: 'one-log' },
      spec: { logs: [{ logsFile: podLog, follow: false }] },
    },
  ]
    .map((document) => JSON.stringify(document))
    .join('\n---\n');
