import { describe, expect, it } from 'vitest';
import { deployment, job, rayCluster, statefulSet } from '../test-support/kube-objects.ts';
import { rolloutObstacle, rolloutOf } from './rollout.ts';

const withSpec = (object: ReturnType<typeof deployment>, more: Record<string, unknown>) => ({
  ...object,
  spec: { ...object.spec, ...more },
});

describe('what keeps new pods from coming', () => {
  it.each([
    ['a paused Deployment', withSpec(deployment(), { paused: true }), 'paused'],
    [
      'a StatefulSet that waits for deletions',
      withSpec(statefulSet(), { updateStrategy: { type: 'OnDelete' } }),
      'OnDelete',
    ],
    [
      'a StatefulSet that leaves some out',
      withSpec(statefulSet(), {
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } },
      }),
      'the first 2 pods',
    ],
  ])('is said of %s', (_what, object, words) => {
    expect(rolloutObstacle(object)).toContain(words);
  });

  it('is nothing for the others', () => {
    const whole = { updateStrategy: { rollingUpdate: { partition: 0 } } };
    for (const object of [
      deployment(),
      statefulSet(),
      withSpec(statefulSet(), whole),
      job(true),
      rayCluster(),
    ])
      expect(rolloutObstacle(object)).toBeUndefined();
  });
});

describe('a rollout', () => {
  it('is over once its controller has seen the specification and every replica is new and available', () => {
    const at = (status: Record<string, unknown>) => ({
      ...deployment({}, {}, 2),
      metadata: { name: 'trainer', generation: 3 },
      status,
    });
    const done = { observedGeneration: 3, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
    expect(rolloutOf(at(done)).finished).toBe(true);
    for (const behind of [
      { observedGeneration: 2 },
      { updatedReplicas: 1 },
      { availableReplicas: 1 },
      { replicas: 3 },
    ])
      expect(rolloutOf(at({ ...done, ...behind })).finished).toBe(false);
  });
});
