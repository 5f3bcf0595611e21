import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { runProgram } from '../harness/run-program.ts';
import { ROOT } from '../harness/stack.ts';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Record<string, string> };
  readonly data?: Record<string, string>;
  readonly rules?: readonly { readonly resources: string[]; readonly verbs: string[] }[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly spec?: {
    readonly replicas: number;
    readonly selector: { readonly matchLabels: Record<string, string> };
    readonly template: {
      readonly metadata: {
        readonly annotations: Record<string, string>;
        readonly labels: Record<string, string>;
      };
      readonly spec: {
        readonly automountServiceAccountToken: boolean;
        readonly securityContext: Record<string, unknown>;
        readonly containers: readonly Container[];
        readonly volumes: readonly unknown[];
      };
    };
  };
}
interface Container {
  readonly image: string;
  readonly command: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly resources: { readonly requests: object; readonly limits: object };
  readonly securityContext: Record<string, unknown>;
}

const parse = (text: string): Manifest[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
const read = (file: string): Manifest[] => parse(readFileSync(join(ROOT, file), 'utf8'));
const only = (manifests: readonly Manifest[], kind: string): Manifest => {
  const found = manifests.filter((manifest) => manifest.kind === kind);
  expect(found).toHaveLength(1);
  return found[0]!;
};

const onPath = (name: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));

const minimal = read('k8s/trainer-minimal.yaml');
const deployment = only(minimal, 'Deployment');
const { template } = deployment.spec!;

/** As the kubelet lays out a volume: a folder with a time in its name, reached by links. */
const mountVolume = (folder: string, files: Record<string, string>): void => {
  mkdirSync(join(folder, '..2026_01_01'), { recursive: true });
  symlinkSync('..2026_01_01', join(folder, '..data'));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, '..2026_01_01', name), text);
    symlinkSync(join('..data', name), join(folder, name));
  }
};

describe('k8s/trainer-minimal.yaml', () => {
  test('holds the program as it is in examples/trainer', async () => {
    const check = join(ROOT, 'examples/trainer/tools/embed.mjs');
    expect(await runProgram(process.execPath, [check, '--check'])).toMatchObject({
      code: 0,
      stderr: '',
    });
    const folder = join(ROOT, 'examples/trainer');
    const modules = readdirSync(folder).filter((name) => name.endsWith('.mjs'));
    expect(only(minimal, 'ConfigMap').data).toEqual(
      Object.fromEntries(modules.map((name) => [name, readFileSync(join(folder, name), 'utf8')])),
    );
  });

  test('its program runs from the volumes that a pod has, with the annotated knobs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'trainer-pod-'));
    try {
      mountVolume(join(folder, 'program'), only(minimal, 'ConfigMap').data!);
      const lines = Object.entries(template.metadata.annotations).map(
        ([key, value]) => `${key}=${JSON.stringify(value)}`,
      );
      mountVolume(join(folder, 'podinfo'), { annotations: lines.join('\n') });
      const { command } = template.spec.containers[0]!;
      expect(command).toEqual(['node', '/program/trainer.mjs']);
      const finished = await runProgram(
        process.execPath,
        [join(folder, command[1]!), '--loops', '1'],
        {
          env: {
            ...process.env,
            MODEKEEPER_ANNOTATIONS_FILE: join(folder, 'podinfo/annotations'),
            MODEKEEPER_LOOP_INTERVAL_S: '0',
          },
        },
      );
      expect(finished.stderr).toBe('');
      expect(finished.json()).toMatchObject({
        event: 'knobs_snapshot',
        global_batch: Number(deployment.metadata.annotations!['modekeeper/global_batch_size']),
        knobs: { grad_accum_steps: 8, microbatch_size: 32 },
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('keeps to the restricted pod security standard, with limits and a pinned image', () => {
    const { spec } = template;
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    for (const { image, resources, securityContext } of spec.containers) {
      expect(image).toMatch(/^[a-z/]+:\d[\w.-]*$/);
      expect(Object.keys(resources.requests)).toEqual(['cpu', 'memory']);
      expect(Object.keys(resources.limits)).toEqual(['cpu', 'memory']);
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  });
});

describe('the rights of mk', () => {
  const rulesOf = (file: string) =>
    Object.fromEntries(
      only(read(file), 'Role').rules!.map(({ resources, verbs }) => [resources.join(), verbs]),
    );

  test('an operator may get and patch Deployments, and nothing else of its own', () => {
    expect(rulesOf('deploy/kubernetes/mk-operator.yaml')).toEqual({
      deployments: ['get', 'patch'],
    });
  });

  test('a viewer changes nothing', () => {
    expect(rulesOf('deploy/kubernetes/mk-viewer.yaml')).toEqual({
      deployments: ['get'],
      pods: ['get', 'list'],
      'pods/log': ['get'],
      namespaces: ['get'],
    });
  });

  test('no account gets more than a Role of its namespace', () => {
    const manifests = ['mk-operator', 'mk-viewer'].flatMap((name) =>
      read(`deploy/kubernetes/${name}.yaml`),
    );
    const bindings = manifests.filter(({ roleRef }) => roleRef);
    expect(
      bindings.map(({ kind, roleRef }) => `${kind} ${roleRef!.kind} ${roleRef!.name}`),
    ).toEqual([
      'RoleBinding Role mk-operator',
      'RoleBinding Role mk-viewer',
      'RoleBinding Role mk-viewer',
    ]);
  });
});

describe('the chart', () => {
  const CHART = join(ROOT, 'k8s/charts/trainer');
  const helm = onPath('helm');
  const note = helm ? '' : ' (SKIPPED: no helm on PATH)';
  const render = (...args: string[]) =>
    spawnSync(
      'helm',
      ['template', 'demo', CHART, '-n', 'train', '--kube-version', '1.32.0', ...args],
      { encoding: 'utf8' },
    );

  test('takes its program from examples/trainer', () => {
    const [program] = parse(readFileSync(join(CHART, 'program.yaml'), 'utf8'));
    expect(program).toEqual(only(minimal, 'ConfigMap').data);
  });

  test.skipIf(!helm)(`renders the same workload as the manifest${note}`, () => {
    const manifests = parse(render().stdout);
    expect(only(manifests, 'ConfigMap').data).toEqual(only(minimal, 'ConfigMap').data);
    const rendered = only(manifests, 'Deployment');
    const comparable = ({ metadata, spec }: Manifest) => {
      const { labels, annotations } = spec!.template.metadata;
      const { 'holdfast/program': _program, ...rest } = annotations;
      const containers = spec!.template.spec.containers.map((container) => ({
        ...container,
        imagePullPolicy: undefined,
      }));
      return {
        name: metadata.name,
        annotations: metadata.annotations,
        selector: spec!.selector,
        app: labels['app'],
        rest,
        pod: { ...spec!.template.spec, containers },
      };
    };
    expect(comparable(rendered)).toEqual(comparable(deployment));
  });

  test.skipIf(!helm)(`gives an operator to mk only when asked${note}`, () => {
    const verbs = (...args: string[]) =>
      parse(render(...args).stdout)
        .filter(({ kind }) => kind === 'Role')
        .map(({ rules }) => rules!.find(({ resources }) => resources[0] === 'deployments')!.verbs);
    expect(verbs()).toEqual([['get']]);
    expect(verbs('--set', 'rbac.operator=true,rbac.viewer=false')).toEqual([['get', 'patch']]);
  });

  test.skipIf(!helm).each([
    ['image.tag=latest', '/image/tag'],
    ['knobs.grad_accum_steps=65', '/knobs/grad_accum_steps'],
    ['name=Not A Name', '/name'],
    ['gpu=1', 'additional properties'],
  ])(`refuses %s${note}`, (value, why) => {
    const { status, stderr } = render('--set', value);
    expect(status).not.toBe(0);
    expect(stderr).toContain(why);
  });
});
