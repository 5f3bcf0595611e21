import { writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { trainerWorld } from '../test-support/world.mjs';
import { openCluster } from '../open-cluster.ts';
import { apiDouble, collect, scratchFolder } from '../test-support/doubles.ts';

const REF = { kind: 'Deployment', namespace: 'default', name: 'trainer' };
const DENY = { verb: 'get', resource: 'deployments', namespace: 'default' };

describe('reading', () => {
  it('finds the context, the versions, namespaces and workloads', async () => {
    const { cluster } = await apiDouble(trainerWorld(), { version: '1.2.3' });
    expect(cluster.mode).toBe('api');
    expect(await cluster.present()).toBe(true);
    expect(await cluster.currentContext()).toMatchObject({ ok: true, stdout: 'kind-test\n' });
    expect((await cluster.contexts()).stdout).toBe('kind-test\nkind-other\n');
    expect((await cluster.clientVersion()).stdout).toBe('1.2.3');
    expect((await cluster.serverVersion()).stdout).toBe('v1.31.2');
    expect(await cluster.namespaceExists('default')).toMatchObject({ ok: true, rc: 0 });
    expect(await cluster.workloadExists(REF)).toMatchObject({ ok: true });
    expect((await cluster.workload(REF)).object?.metadata.resourceVersion).toBe('10');
    expect((await cluster.pods('default', 'app=trainer')).items).toHaveLength(1);
    expect((await cluster.pods('default', 'app=other')).items).toEqual([]);
    expect((await cluster.pod('default', 'trainer-1')).object?.spec?.nodeName).toBe('node-a');
    expect((await cluster.namespaces()).items).toHaveLength(1);
    expect((await cluster.inContext('kind-other').deployments()).items).toHaveLength(1);
  });

  it('passes on the words of the server as kubectl does', async () => {
    const { cluster } = await apiDouble({ ...trainerWorld(), denied: [DENY] });
    expect(await cluster.namespaceExists('none')).toEqual({
      ok: false,
      rc: 1,
      stdout: '',
      stderr: 'Error from server (NotFound): namespaces "none" not found',
      reason: 'NotFound',
    });
    const denied = await cluster.workload(REF);
    expect(denied).toMatchObject({ rc: 1, reason: 'Forbidden' });
    expect(denied.stderr).toMatch(
      /^Error from server \(Forbidden\): deployments.apps "trainer" is/,
    );
  });

  it('asks the server what this user may do, in the group of the resource', async () => {
    const { cluster, double } = await apiDouble({
      ...trainerWorld(),
      denied: [{ verb: 'patch', resource: 'pytorchjobs' }],
    });
    const ask = (resource: string) =>
      cluster.checkAccess({ verb: 'patch', resource, namespace: 'default' });
    expect(await ask('deployments')).toMatchObject({ allowed: true, rc: 0, stdout: 'yes\n' });
    expect(await ask('pytorchjobs.kubeflow.org')).toMatchObject({ allowed: false, rc: 1 });
    expect(await ask('pods')).toMatchObject({ allowed: true });
    expect(double.requests.map(({ body }) => JSON.parse(body).spec.resourceAttributes)).toEqual([
      { verb: 'patch', namespace: 'default', resource: 'deployments', group: 'apps' },
      { verb: 'patch', namespace: 'default', resource: 'pytorchjobs', group: 'kubeflow.org' },
      { verb: 'patch', namespace: 'default', resource: 'pods', group: '' },
    ]);
  });

  it('sends nothing for a name that cannot be one', async () => {
    const { cluster, double } = await apiDouble(trainerWorld());
    for (const name of ['..', '../secrets', 'a/b', 'a?b', 'a b', '']) {
      expect(await cluster.workload({ ...REF, name })).toMatchObject({ ok: false });
      expect(await cluster.namespaceExists(name)).toMatchObject({ ok: false });
      expect(await cluster.pod('default', name)).toMatchObject({ ok: false });
      const probe = { ask: 'deployment', namespace: 'default', name } as const;
      expect(await cluster.probe(probe)).toMatchObject({ ok: false });
    }
    expect(double.requests).toEqual([]);
  });
});

describe('patching', () => {
  const patch = { metadata: { annotations: { a: '1' } } };

  it('stores nothing in a dry run, and is bound to a version where one is given', async () => {
    const { cluster, double } = await apiDouble(trainerWorld());
    expect(await cluster.patch(REF, patch, { dryRun: true })).toMatchObject({ ok: true });
    expect(double.world.objects[1]?.metadata.annotations).toEqual({});
    expect(double.requests.at(-1)).toMatchObject({
      url: expect.stringContaining('dryRun=All') as string,
      type: 'application/merge-patch+json',
    });
    const done = await cluster.patch(REF, patch, { dryRun: false, resourceVersion: '10' });
    expect(done).toMatchObject({ ok: true, stdout: 'deployment/trainer patched\n' });
    expect(done.object?.metadata.resourceVersion).toBe('11');
    expect(double.world.objects[1]?.metadata.annotations).toEqual({ a: '1' });
    const late = { dryRun: false, resourceVersion: '10' };
    expect(await cluster.patch(REF, patch, late)).toMatchObject({ ok: false, reason: 'Conflict' });
  });

  it('applies as its own field manager where that is wanted', async () => {
    const { cluster, double } = await apiDouble(trainerWorld());
    const options = { dryRun: false, strategy: 'apply', force: true } as const;
    expect(await cluster.patch(REF, patch, options)).toMatchObject({ ok: true });
    const sent = double.requests.at(-1);
    expect(sent?.type).toBe('application/apply-patch+yaml');
    expect(sent?.url).toContain('fieldManager=holdfast-mk&force=true');
    expect(JSON.parse(sent?.body ?? '')).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'trainer', namespace: 'default', annotations: { a: '1' } },
    });
  });
});

describe('logs', () => {
  const pod = (name: string, phase: string, created: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      labels: { app: 'trainer' },
      creationTimestamp: created,
    },
    spec: { containers: [{ name: 'main' }, { name: 'side' }] },
    status: { phase },
  });

  it('come from the newest pod that runs, of its first container unless one is named', async () => {
    const world = trainerWorld();
    world.objects.push(pod('trainer-2', 'Running', '2026-02-01T00:00:00Z'));
    world.objects.push(pod('trainer-3', 'Pending', '2026-03-01T00:00:00Z'));
    world.logs['default/trainer-2'] = ['stamp one', 'stamp two'];
    const { cluster, double } = await apiDouble(world);
    const request = { namespace: 'default', target: { deployment: 'trainer' }, sinceSeconds: 60 };
    const stream = cluster.logs(request);
    expect(await collect(stream)).toEqual(['stamp one', 'stamp two']);
    expect(await stream.outcome).toMatchObject({ ok: true });
    const path = '/api/v1/namespaces/default/pods/trainer-2/log?timestamps=true';
    expect(double.requests.at(-1)?.url).toBe(`${path}&container=main&sinceSeconds=60`);
    await collect(cluster.logs({ ...request, container: 'side', sinceSeconds: 0 }));
    expect(double.requests.at(-1)?.url).toBe(`${path}&container=side`);
  });

  it('are none, with the reason, where there is no such pod', async () => {
    const { cluster } = await apiDouble(trainerWorld());
    const request = { namespace: 'default', target: { pod: 'gone' }, sinceSeconds: 60 };
    const stream = cluster.logs(request);
    expect(await collect(stream)).toEqual([]);
    expect(await stream.outcome).toMatchObject({ ok: false, reason: 'NotFound' });
  });
});

describe('getting in', () => {
  it('ends a call that the server does not answer', async () => {
    const hold = (path: string): boolean => path === '/version';
    const { cluster } = await apiDouble(trainerWorld(), { hold, timeoutMs: 300 });
    expect(await cluster.serverVersion()).toMatchObject({
      ok: false,
      rc: 124,
      stderr: 'timed out after 0.3 s: /version',
    });
    const stopping = new AbortController();
    const other = await apiDouble(trainerWorld(), { hold, signal: stopping.signal });
    const running = other.cluster.serverVersion();
    stopping.abort();
    expect(await running).toMatchObject({ ok: false, stderr: 'the call was given up' });
  });

  it('says that nobody listens', async () => {
    const { double, cluster } = await apiDouble(trainerWorld());
    await double.close();
    expect((await cluster.namespaceExists('a')).stderr).toMatch(/cannot ask the server: .*REFUSED/);
  });

  it('asks an exec plugin once, and again when the server refuses what it gave', async () => {
    const folder = scratchFolder();
    const [count, plugin] = [join(folder, 'count'), join(folder, 'plugin.mjs')];
    writeFileSync(count, '');
    writeFileSync(
      plugin,
      `import { appendFileSync, readFileSync } from 'node:fs';
       appendFileSync(${JSON.stringify(count)}, 'x');
       const token = 't' + readFileSync(${JSON.stringify(count)}, 'utf8').length;
       const status = { token, expirationTimestamp: '2000-01-01T00:00:00Z' };
       console.log(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status }));`,
    );
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: [plugin],
    };
    const { cluster, double } = await apiDouble(trainerWorld(), { user: { exec }, tokens: ['t2'] });
    expect(await cluster.namespaceExists('default')).toMatchObject({ ok: true });
    expect(await cluster.namespaceExists('default')).toMatchObject({ ok: true });
    expect(double.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer t1',
      'Bearer t2',
      'Bearer t2',
    ]);
  });

  it('reads a list of files, of which the first counts and some may be absent', async () => {
    const first = await apiDouble({ ...trainerWorld(), context: 'one', contexts: ['one'] });
    const second = await apiDouble({ ...trainerWorld(), context: 'two', contexts: ['two'] });
    const files = [first.env.KUBECONFIG, join(first.folder, 'absent'), second.env.KUBECONFIG];
    const cluster = openCluster({ KUBECONFIG: files.join(delimiter) });
    expect((await cluster.contexts()).stdout).toBe('one\ntwo\n');
    expect((await cluster.currentContext()).stdout).toBe('one\n');
    expect(await cluster.serverVersion()).toMatchObject({ ok: true });
    expect(first.double.requests).toHaveLength(1);
    expect(second.double.requests).toHaveLength(0);
  });

  it('says what is wrong with a configuration and throws nothing', async () => {
    const file = join(scratchFolder(), 'config');
    for (const [text, said] of [
      [': : :', 'cannot read the configuration'],
      ['{"clusters":[{"name":"a"}]}', 'clusters[0].cluster is missing'],
      ['{}', 'current-context is not set'],
    ] as const) {
      writeFileSync(file, text);
      const cluster = openCluster({ KUBECONFIG: file });
      expect((await cluster.currentContext()).stderr).toContain(said);
      expect(await cluster.serverVersion()).toMatchObject({ ok: false, rc: 1 });
    }
    const { cluster } = await apiDouble(trainerWorld());
    expect((await cluster.inContext('none').serverVersion()).stderr).toContain(
      'context "none" does not exist',
    );
  });

  it.each([
    ['text', 'users:\n- name: a\n  user:\n    token: s3cret-token\n   bad: [indent\n'],
    ['JSON', '{"users":[{"name":"a","user":{"token":"s3cret-token"}},}'],
  ])('says nothing of what stands in a broken kubeconfig, as %s', async (_what, text) => {
    const file = join(scratchFolder(), 'config');
    writeFileSync(file, text);
    const cluster = openCluster({ KUBECONFIG: file });
    for (const { ok, stderr } of [
      await cluster.workload({ namespace: 'a', name: 'b' }),
      await cluster.currentContext(),
    ]) {
      expect(ok).toBe(false);
      expect(stderr).toMatch(/config: .+ \(line \d+\)/);
      expect(stderr).not.toContain('s3cret');
    }
  });
});
