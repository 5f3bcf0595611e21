import { describe, expect, it } from 'vitest';
import { trainerWorld } from '../test-support/world.mjs';
import type { World } from '../test-support/world.mjs';
import { openCluster } from '../open-cluster.ts';
import { applyPlan } from '../report/apply-plan.ts';
import { verifyPlan } from '../report/verify-plan.ts';
import { apiDouble, collect } from '../test-support/doubles.ts';
import { findProgram } from './find-program.ts';

const KUBECTL = findProgram('kubectl', process.env.PATH);
const title = KUBECTL === undefined ? ' (SKIPPED: no kubectl is on PATH)' : '';

const realKubectl = async (world: World) => {
  const { env, double } = await apiDouble(world);
  return { double, cluster: openCluster({ ...env, KUBECTL }) };
};

const annotations = { 'modekeeper/knob.microbatch_size': '32' };
const PLAN = [
  {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'trainer' },
    patch: { metadata: { annotations }, spec: { template: { metadata: { annotations } } } },
  },
];

describe.skipIf(KUBECTL === undefined)(`a real kubectl${title}`, () => {
  it('verifies and applies a plan, and is refused a second time for the version', async () => {
    const { cluster, double } = await realKubectl(trainerWorld());
    const report = await verifyPlan(cluster, PLAN);
    expect(report).toMatchObject({
      ok: true,
      kubectl_context: 'kind-test',
      diagnostics: {
        kubectl_version: expect.stringMatching(/^v1\./) as string,
        server_version: 'v1.31.2',
        auth_can_i_patch_deployments: true,
      },
      resource_versions: { 'Deployment/default/trainer': '10' },
    });
    expect(await applyPlan(cluster, PLAN)).toMatchObject({ ok: true });
    expect(double.world.objects[1]?.metadata.annotations).toEqual(annotations);
    const ref = { namespace: 'default', name: 'trainer' };
    const late = await cluster.patch(ref, {}, { dryRun: false, resourceVersion: '10' });
    expect(late).toMatchObject({ ok: false, reason: 'Conflict' });
  });

  it('is denied in words that can be taken apart', async () => {
    const world = trainerWorld();
    world.denied.push({ verb: 'patch', resource: 'deployments' });
    const report = await verifyPlan((await realKubectl(world)).cluster, PLAN);
    expect(report.verify_blocker?.kind).toBe('rbac_denied');
    expect(report.diagnostics.auth_can_i_patch_deployments).toBe(false);
    expect(report.details?.rbac).toMatchObject({ verb: 'patch', name: 'trainer' });
  });

  it('reads the log of a pod, with stamps and since a time', async () => {
    const world = trainerWorld();
    world.logs['default/trainer-1'] = ['2026-01-01T00:00:00Z a', '2026-01-01T00:00:01Z b'];
    const { cluster, double } = await realKubectl(world);
    const stream = cluster.logs({
      ...{ namespace: 'default', target: { pod: 'trainer-1' }, container: 'trainer' },
      sinceSeconds: 90,
    });
    expect(await collect(stream)).toEqual(world.logs['default/trainer-1']);
    expect(await stream.outcome).toMatchObject({ ok: true });
    expect(double.requests.at(-1)?.url).toMatch(/sinceSeconds=90.*timestamps=true/);
  });
});
