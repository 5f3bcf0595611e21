import { chmodSync, copyFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { trainerWorld } from '../test-support/world.mjs';
import { openCluster } from '../open-cluster.ts';
import { collect, KUBECTL_DOUBLE, kubectlDouble, scratchFolder } from '../test-support/doubles.ts';

const REF = { kind: 'Deployment', namespace: 'default', name: 'trainer' };

describe('what kubectl is called with', () => {
  it('matches word by word what stands in for kubectl elsewhere', async () => {
    const double = kubectlDouble(trainerWorld());
    const { cluster } = double;
    const patch = { metadata: { annotations: { a: '1' } } };
    await cluster.currentContext();
    await cluster.contexts();
    await cluster.clientVersion();
    await cluster.serverVersion();
    await cluster.checkAccess({ verb: 'patch', resource: 'deployments', namespace: 'default' });
    await cluster.namespaceExists('default');
    await cluster.workloadExists(REF);
    await cluster.workload(REF);
    await cluster.patch(REF, patch, { dryRun: true });
    await cluster.patch(REF, patch, { dryRun: false, resourceVersion: '10' });
    await cluster.pods('default', 'app=trainer');
    await cluster.pod('default', 'trainer-1');
    await cluster.namespaces();
    await cluster.inContext('kind-other').deployments();
    expect(double.calls()).toEqual([
      ['config', 'current-context'],
      ['config', 'get-contexts', '-o', 'name'],
      ['version', '--client', '-o', 'json'],
      ['version', '-o', 'json'],
      ['-n', 'default', 'auth', 'can-i', 'patch', 'deployments'],
      ['get', 'namespace/default', '-o', 'name'],
      ['-n', 'default', 'get', 'deployment/trainer', '-o', 'name'],
      ['-n', 'default', 'get', 'deployment/trainer', '-o', 'json'],
      [
        ...['-n', 'default', 'patch', 'deployment/trainer', '--type', 'merge'],
        ...['--dry-run=server', '-o', 'name', '-p', '{"metadata":{"annotations":{"a":"1"}}}'],
      ],
      [
        ...['-n', 'default', 'patch', 'deployment/trainer', '--type', 'merge', '-p'],
        '{"metadata":{"annotations":{"a":"1"},"resourceVersion":"10"}}',
      ],
      ['get', 'pods', '-n', 'default', '-l', 'app=trainer', '-o', 'json'],
      ['get', 'pod/trainer-1', '-n', 'default', '-o', 'json'],
      ['get', 'namespaces', '-o', 'json'],
      ['--context', 'kind-other', 'get', 'deployments', '-A', '-o', 'json'],
    ]);
  });

  it('asks for logs with stamps, and for a container only where one is wanted', async () => {
    const double = kubectlDouble({
      ...trainerWorld(),
      logs: { 'default/trainer-1': ['2026-01-01T00:00:00Z {"step":1}', 'b'] },
    });
    const request = { namespace: 'default', sinceSeconds: 60 };
    const stream = double.cluster.logs({ ...request, target: { deployment: 'trainer' } });
    expect(await collect(stream)).toEqual(['2026-01-01T00:00:00Z {"step":1}', 'b']);
    expect(await stream.outcome).toMatchObject({ ok: true, rc: 0 });
    const named = { ...request, target: { pod: 'trainer-1' }, container: 'side' };
    await collect(double.cluster.logs(named));
    expect(double.calls()).toEqual([
      ['logs', '-n', 'default', 'deployment/trainer', '--timestamps', '--since', '60s'],
      ['logs', '-n', 'default', 'trainer-1', '-c', 'side', '--timestamps', '--since', '60s'],
    ]);
  });

  it('names kinds that are not built in by their whole name', async () => {
    const double = kubectlDouble(trainerWorld());
    await double.cluster.workloadExists({ ...REF, kind: 'PyTorchJob' });
    await double.cluster.workloadExists({ ...REF, kind: 'RayCluster' });
    expect(double.calls().map((call) => call[3])).toEqual([
      'pytorchjobs.kubeflow.org/trainer',
      'rayclusters.ray.io/trainer',
    ]);
  });

  it('sends an object to server-side apply, and none that would have to remove a field', async () => {
    const double = kubectlDouble(trainerWorld());
    const options = { dryRun: false, strategy: 'apply', force: true } as const;
    const done = await double.cluster.patch(
      REF,
      { metadata: { annotations: { a: '1' } } },
      options,
    );
    expect(done).toMatchObject({ ok: true, stdout: 'deployment.apps/trainer\n' });
    const [, deployment] = double.world().objects;
    expect(deployment?.metadata.annotations).toEqual({ a: '1' });
    const removing = { metadata: { annotations: { a: null } } };
    expect(await double.cluster.patch(REF, removing, options)).toMatchObject({ ok: false });
    expect(double.calls()).toHaveLength(1);
    expect(double.calls()[0]).toContain('--field-manager=holdfast-mk');
  });
});

describe('names', () => {
  it('starts no process for a name that cannot be one', async () => {
    const double = kubectlDouble(trainerWorld());
    const names = ['a b', '$(touch x)', '; id', '../x', '-A', '', 'x/y', "x'", 'UPPER', 'a\nb'];
    for (const name of names) {
      const ref = { ...REF, name };
      expect(await double.cluster.workload(ref)).toMatchObject({ ok: false });
      expect(
        await double.cluster.patch({ ...REF, namespace: name }, {}, { dryRun: true }),
      ).toMatchObject({
        ok: false,
      });
      expect((await double.cluster.namespaceExists(name)).stderr).toContain('invalid namespace');
      const stream = double.cluster.logs({
        ...{ namespace: 'default', target: { pod: 'p' }, sinceSeconds: 1 },
        container: name,
      });
      expect(await collect(stream)).toEqual([]);
      expect((await stream.outcome).stderr).toContain('invalid container');
    }
    expect((await double.cluster.workload({ ...REF, kind: 'CronTab' })).stderr).toBe(
      'unsupported kind "CronTab"',
    );
    expect(double.calls()).toEqual([]);
  });

  it('hands a context of any name over as one argument', async () => {
    const double = kubectlDouble({ contexts: ['prod; rm -rf /'], objects: [] });
    expect(await double.cluster.inContext('prod; rm -rf /').deployments()).toMatchObject({
      ok: true,
      items: [],
    });
  });
});

describe('the program', () => {
  it('may lie at a path with spaces', async () => {
    const command = join(scratchFolder(), 'kubectl of mine');
    symlinkSync(KUBECTL_DOUBLE, command);
    const double = kubectlDouble(trainerWorld(), { command });
    expect(await double.cluster.present()).toBe(true);
    expect(await double.cluster.currentContext()).toMatchObject({
      ok: true,
      stdout: 'kind-test\n',
    });
  });

  it('is missing where no such file can be run', async () => {
    const folder = scratchFolder();
    copyFileSync(KUBECTL_DOUBLE, join(folder, 'kubectl'));
    chmodSync(join(folder, 'kubectl'), 0o644);
    for (const env of [{ KUBECTL: join(folder, 'none') }, { PATH: folder }, {}]) {
      const cluster = openCluster(env);
      expect(await cluster.present()).toBe(false);
      expect(await cluster.namespaceExists('default')).toMatchObject({ ok: false, rc: 127 });
      const stream = cluster.logs({ namespace: 'a', target: { pod: 'p' }, sinceSeconds: 1 });
      expect(await collect(stream)).toEqual([]);
      expect(await stream.outcome).toMatchObject({ rc: 127 });
    }
  });

  it('says its version in the short form where it has no JSON', async () => {
    const answers = [
      { args: ['version', '--client', '-o', 'json'], rc: 1, stderr: 'unknown flag\n' },
      { args: ['version', '--client', '--short'], stdout: 'Client Version: v1.18.0\n' },
    ];
    const { cluster } = kubectlDouble({ answers });
    expect(await cluster.clientVersion()).toMatchObject({ ok: true, stdout: 'v1.18.0' });
  });

  it('tells what it was refused, with the word of the server', async () => {
    const { cluster } = kubectlDouble(trainerWorld());
    expect(await cluster.workload({ ...REF, name: 'other' })).toEqual({
      ok: false,
      rc: 1,
      stdout: '',
      stderr: 'Error from server (NotFound): deployments.apps "other" not found\n',
      reason: 'NotFound',
    });
  });
});

describe('a call that does not end', () => {
  const slow = [{ args: ['...'], delay_ms: 120_000 }];

  it('is ended after its time', async () => {
    const { cluster } = kubectlDouble({ answers: slow }, { timeoutMs: 300 });
    expect(await cluster.currentContext()).toMatchObject({
      ok: false,
      rc: 124,
      stderr: 'timed out after 0.3 s',
    });
    const stream = cluster.logs({ namespace: 'a', target: { pod: 'p' }, sinceSeconds: 1 });
    expect(await collect(stream)).toEqual([]);
    expect(await stream.outcome).toMatchObject({ ok: false, rc: 124 });
  });

  it('is ended when the caller gives it up, and later ones do not begin', async () => {
    const stopping = new AbortController();
    const { cluster } = kubectlDouble({ answers: slow }, { signal: stopping.signal });
    const running = cluster.currentContext();
    stopping.abort();
    expect(await running).toMatchObject({ ok: false, stderr: 'the call was given up' });
    expect(await cluster.namespaceExists('a')).toMatchObject({ ok: false });
  });

  it('does not wait for a program that the program has started', async () => {
    const command = join(scratchFolder(), 'wrapper');
    writeFileSync(command, '#!/bin/sh\nsleep 120 &\necho $!\nwait\n', { mode: 0o755 });
    const { cluster } = kubectlDouble({}, { command });
    const stream = cluster.logs({ namespace: 'a', target: { pod: 'p' }, sinceSeconds: 1 });
    let started = 0;
    for await (const line of stream) {
      started = Number(line);
      break;
    }
    expect(await stream.outcome).toMatchObject({ ok: true });
    expect(process.kill(started)).toBe(true);
  });

  it('is ended when its reader goes away', async () => {
    const folder = scratchFolder();
    const command = join(folder, 'endless');
    writeFileSync(command, '#!/bin/sh\nwhile echo line; do :; done\n', { mode: 0o755 });
    const { cluster } = kubectlDouble({}, { command });
    const stream = cluster.logs({ namespace: 'a', target: { pod: 'p' }, sinceSeconds: 1 });
    for await (const line of stream) {
      expect(line).toBe('line');
      break;
    }
    expect(await stream.outcome).toMatchObject({ ok: true });
  });
});
