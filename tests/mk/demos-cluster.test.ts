import { spawn } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from '../harness/run-program.ts';
import { ROOT } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import {
  CLUSTER_LIMIT_MS,
  type Cluster,
  hasKubectl,
  missingCluster,
  skipNote,
  startCluster,
} from '../k8s/support/cluster.ts';

/** Why these tests are left out; their title then says `SKIPPED: <why>`. */
const missing = missingCluster() ?? (hasKubectl() ? undefined : 'no kubectl on PATH');

describe.skipIf(missing !== undefined)(`on a real API server${skipNote(missing)}`, () => {
  let cluster: Cluster;
  let folder = '';

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 1 });
    folder = mkdtempSync(join(tmpdir(), 'mk-demo-'));
  }, CLUSTER_LIMIT_MS);

  afterAll(async () => {
    await cluster?.stop();
    if (folder !== '') rmSync(folder, { recursive: true });
  });

  const run = (file: string, args: readonly string[], more: Record<string, string> = {}) => {
    const clean = Object.entries(process.env).filter(([name]) => !/^(MODEKEEPER_|KUBE)/.test(name));
    return runProgram(file, args, {
      cwd: folder,
      env: { ...Object.fromEntries(clean), KUBECONFIG: cluster.kubeconfigs.admin, ...more },
    });
  };
  const kubectl = (...args: string[]) => run('kubectl', args);

  /** A namespace of its own that takes nothing but restricted pods. */
  const makeNamespace = async (name: string): Promise<void> => {
    const made = await cluster.call('admin', 'POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    });
    expect(made.status).toBe(201);
  };
  const annotationsOf = async (namespace: string): Promise<Record<string, string>> => {
    const { body } = await cluster.call<{
      spec: { template: { metadata: { annotations: Record<string, string> } } };
    }>('admin', 'GET', `/apis/apps/v1/namespaces/${namespace}/deployments/trainer`);
    return body.spec.template.metadata.annotations;
  };
  const knobs = async (namespace: string) => {
    const annotations = await annotationsOf(namespace);
    return ['grad_accum_steps', 'microbatch_size'].map(
      (name) => annotations[`modekeeper/knob.${name}`],
    );
  };

  /** What a kubelet would do: runs the trainer, whose lines are the pods' log and whose annotations file follows. */
  const runTrainer = (namespace: string) => {
    const file = join(folder, 'annotations');
    const child = spawn(process.execPath, [join(ROOT, 'examples/trainer/trainer.mjs')], {
      env: {
        ...process.env,
        MODEKEEPER_ANNOTATIONS_FILE: file,
        MODEKEEPER_LOOP_INTERVAL_S: '0.1',
        NODE_NAME: cluster.nodes[0],
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface({ input: child.stdout }).on('line', (line) =>
      appendFileSync(cluster.pod_log, `${new Date().toISOString()} stdout F ${line}\n`),
    );
    return {
      child,
      async logs(text: string): Promise<boolean> {
        const lines = Object.entries(await annotationsOf(namespace)).map(
          ([key, value]) => `${key}=${JSON.stringify(value)}\n`,
        );
        writeFileSync(`${file}.next`, lines.join(''));
        renameSync(`${file}.next`, file);
        const { stdout } = await kubectl('-n', namespace, 'logs', 'deployment/trainer', '--tail=5');
        return stdout.includes(text);
      },
    };
  };

  test('takes the trainer and the rights of mk as they are, and the trainer rolls out', async () => {
    await makeNamespace('manifests');
    const files = [
      'k8s/trainer-minimal',
      'deploy/kubernetes/mk-viewer',
      'deploy/kubernetes/mk-operator',
    ];
    const args = files.flatMap((name) => ['-f', join(ROOT, `${name}.yaml`)]);
    const applied = await kubectl('-n', 'manifests', 'apply', '--validate=strict', ...args);
    expect(applied).toMatchObject({ code: 0, stderr: '' });
    const rolled = await kubectl('-n', 'manifests', 'rollout', 'status', 'deployment/trainer');
    expect(rolled.code).toBe(0);

    const patchAs = (account: string) =>
      kubectl(
        ...['-n', 'manifests', `--as=system:serviceaccount:manifests:${account}`],
        ...['patch', 'deployment/trainer', '--type', 'merge', '--dry-run=server', '-p', '{}'],
      );
    expect((await patchAs('mk-operator')).code).toBe(0);
    expect((await patchAs('mk-viewer')).stderr).toContain('cannot patch resource "deployments"');
    const elsewhere = await kubectl(
      ...['get', 'namespace/default', '--as=system:serviceaccount:manifests:mk-operator'],
    );
    expect(elsewhere.stderr).toContain('cannot get resource "namespaces"');
  });

  test('mk mends knobs that have drifted, and the trainer says in its log that it obeys', async () => {
    await makeNamespace('loop');
    await kubectl('-n', 'loop', 'apply', '-f', join(ROOT, 'k8s/trainer-minimal.yaml'));
    const drifted = ['grad_accum_steps=4', 'microbatch_size=16'].map((text) => text.split('='));
    const annotations = Object.fromEntries(
      drifted.map(([name, value]) => [`modekeeper/knob.${name}`, value]),
    );
    const patch = JSON.stringify({ spec: { template: { metadata: { annotations } } } });
    await kubectl('-n', 'loop', 'patch', 'deployment/trainer', '--type', 'merge', '-p', patch);
    expect((await kubectl('-n', 'loop', 'rollout', 'status', 'deployment/trainer')).code).toBe(0);

    const trainer = runTrainer('loop');
    try {
      await until('the drifted knob in the log', () =>
        trainer.logs('"modekeeper/knob.grad_accum_steps=4"'),
      );
      expect((await run(join(ROOT, 'bin/mk-mint-dev-license'), ['--dir', 'loop'])).code).toBe(0);
      const mk = (...args: string[]) =>
        run(join(ROOT, 'bin/mk'), [...args, '--k8s-namespace', 'loop', '--out', 'loop'], {
          KUBECTL: 'kubectl',
          MODEKEEPER_LICENSE_PATH: 'loop/license_dev.json',
          MODEKEEPER_LICENSE_PUBLIC_KEYS_PATH: 'loop/license_dev_public_keys.json',
        });
      const applied = await mk('closed-loop', 'run', '--scenario', 'drift', '--apply');
      expect(applied).toMatchObject({ code: 0, stderr: '' });
      expect((await kubectl('-n', 'loop', 'rollout', 'status', 'deployment/trainer')).code).toBe(0);
      await until('the mended knob in the log', () =>
        trainer.logs('"modekeeper/knob.grad_accum_steps=8"'),
      );

      expect((await mk('observe', '--source', 'k8s', '--duration', '2m')).code).toBe(0);
      const seen = JSON.parse(readFileSync(join(folder, 'loop/observe_latest.json'), 'utf8'));
      expect(seen.sample_count).toBeGreaterThan(1);
      expect(seen.environment.nodes_seen).toEqual([cluster.nodes[0]]);
    } finally {
      trainer.child.kill('SIGKILL');
    }
  });

  test('the drift demo lets knobs drift, sees them mended, and takes away what it has made', async () => {
    await makeNamespace('drift');
    const demo = join(ROOT, 'bin/mk-demo-k8s-drift');
    const { code, stdout, stderr } = await run(demo, ['--namespace', 'drift', '--out', 'drift']);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain('the drift was found and mended');
    expect(stderr).toMatch(/is 4\/16\n[^]*is 8\/32\n/);
    expect(readdirSync(join(folder, 'drift'))).toEqual(['run']);
    const left = await kubectl('-n', 'drift', 'get', 'deployments,configmaps', '-o', 'name');
    expect(left.stdout).not.toContain('trainer');
  });

  test('the sales demo keeps what it is told to keep, and leaves a trainer alone that was there', async () => {
    await makeNamespace('sales');
    const sales = join(ROOT, 'bin/mk-demo-sales');
    const args = ['--namespace', 'sales', '--out', 'sales', '--keep-license', '--keep-deploy'];
    expect((await run(sales, args)).code).toBe(0);
    expect(await knobs('sales')).toEqual(['8', '32']);
    expect(readdirSync(join(folder, 'sales/k8s_drift')).sort()).toEqual([
      'license_dev.json',
      'license_dev_public_keys.json',
      'run',
    ]);

    const again = await run(join(ROOT, 'bin/mk-demo-k8s-drift'), ['--namespace', 'sales']);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('mk has applied nothing, blocked: {"cooldown_active":2}');
    expect(await knobs('sales')).toEqual(['4', '16']);
  });

  test('kind-bootstrap makes a cluster once, finds it afterwards, and keeps its kubeconfig to itself', async () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    // kind for a cluster that runs already: what it was asked is kept, and gives the list of clusters.
    const kind = `#!/bin/sh
      echo "$*" >> '${bin}/asked'
      case "$1 $2" in
        'get clusters') grep -q '^create' '${bin}/asked' && echo trial; exit 0 ;;
        'create cluster') cp '${cluster.kubeconfigs.admin}' "$6" ;;
        'export kubeconfig') cp '${cluster.kubeconfigs.admin}' "$6" ;;
      esac`;
    for (const [name, script] of Object.entries({ kind, docker: '#!/bin/sh' }))
      writeFileSync(join(bin, name), `${script}\n`, { mode: 0o755 });
    const bootstrap = () =>
      run(
        join(ROOT, 'scripts/kind-bootstrap.sh'),
        ['--name', 'trial', '--kubeconfig', 'kind/own', '--namespace', 'trial'],
        { PATH: `${bin}${delimiter}${process.env['PATH']}`, KUBECONFIG: '/dev/null' },
      );
    for (const _time of [1, 2])
      expect(await bootstrap()).toMatchObject({ code: 0, stdout: 'export KUBECONFIG=kind/own\n' });
    expect(readFileSync(join(bin, 'asked'), 'utf8').split('\n')).toEqual([
      'get clusters',
      'create cluster --name trial --kubeconfig kind/own --wait 120s',
      'get clusters',
      'export kubeconfig --name trial --kubeconfig kind/own',
      '',
    ]);
    expect(await knobs('trial')).toEqual(['8', '32']);
  });

  test('the smoke script sees that the kill switch holds at every entry point', async () => {
    const { code, stdout, stderr } = await run(join(ROOT, 'scripts/e2e-smoke-kind.sh'), [
      '--use-current-context',
    ]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toContain('nothing was changed while the kill switch was on');
    for (const entry of ['closed-loop run --apply', 'closed-loop watch --apply', 'k8s apply'])
      expect(stderr).toContain(`e2e-smoke-kind: ${entry}: blocked\n`);
    const report = join(folder, 'report/_e2e_smoke_kind/plan/closed_loop_latest.json');
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ apply_requested: false });
  });
});
