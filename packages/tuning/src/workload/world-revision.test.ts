import { describe, expect, it } from 'vitest';
import { deployment, job, pyTorchJob, rayCluster } from '../test-support/kube-objects.ts';
import { WorkloadError } from './read-workload.ts';
import { worldRevision } from './world-revision.ts';

const KNOBS = { 'modekeeper/knob.grad_accum_steps': '4' };
const BASE = deployment(KNOBS, { ...KNOBS, 'modekeeper/global_batch_size': '64' }, 2);
const withMetadata = (more: Record<string, unknown>) => ({
  ...BASE,
  metadata: { ...BASE.metadata, uid: 'uid-1', ...more },
});
const KNOWN = worldRevision(withMetadata({}));
const annotated = (more: Record<string, string>) =>
  withMetadata({ annotations: { ...BASE.metadata.annotations, ...more } });

describe('the revision of the world of a workload', () => {
  it.each([
    ['its version and generation', withMetadata({ resourceVersion: '99', generation: 7 })],
    ['its managed fields', withMetadata({ managedFields: [{ manager: 'kubectl' }] })],
    ['a label of it', withMetadata({ labels: { owner: 'somebody' } })],
    ['an annotation of others', annotated({ 'deployment.kubernetes.io/revision': '3' })],
    ['what its tunings noted on it', annotated({ 'modekeeper/applied-log': '[]' })],
    ['its status', { ...withMetadata({}), status: { observedGeneration: 9 } }],
  ])('stays the same through a change of %s', (_what, object) => {
    expect(worldRevision(object)).toBe(KNOWN);
  });

  it('is no matter of the order of fields', () => {
    const { spec, metadata, ...rest } = withMetadata({});
    expect(worldRevision({ spec, ...rest, metadata })).toBe(KNOWN);
  });

  it.each([
    ['which object it is', withMetadata({ uid: 'uid-2' })],
    ['a knob', annotated({ 'modekeeper/knob.grad_accum_steps': '8' })],
    ['a knob of its pods', { ...withMetadata({}), spec: deployment({}, {}, 2).spec }],
    ['its declared batch', annotated({ 'modekeeper/global_batch_size': '128' })],
    ['its replicas', { ...withMetadata({}), spec: { ...BASE.spec, replicas: 3 } }],
    ['its pod template', { ...withMetadata({}), spec: { ...BASE.spec, template: {} } }],
  ])('moves with %s', (_what, object) => {
    expect(worldRevision(object)).not.toBe(KNOWN);
  });

  it.each([
    ['a Job', job(true, 2), job(false, 2)],
    ['a PyTorchJob', pyTorchJob(KNOBS, KNOBS), pyTorchJob(KNOBS, {})],
    ['a RayCluster', rayCluster(KNOBS), rayCluster({})],
  ])('is of %s too', (_what, one, other) => {
    expect(worldRevision(one)).toBe(worldRevision(structuredClone(one)));
    expect(worldRevision(one)).not.toBe(worldRevision(other));
  });

  it('is that of a workload, and of nothing else', () => {
    expect(() => worldRevision({ ...BASE, kind: 'Secret' })).toThrow(WorkloadError);
  });
});
