import type { KubeObject } from '@holdfast/kube';
import { describe, expect, it } from 'vitest';
import { choosePod } from './log-target.ts';

const pod = (name: string, creationTimestamp: string, ...containers: string[]): KubeObject => ({
  metadata: { name, creationTimestamp },
  spec: { containers: containers.map((container) => ({ name: container })) },
});

const PODS = [
  pod('c', '2026-01-03T00:00:00Z', 'sidecar'),
  pod('b', '2026-01-02T00:00:00Z', 'trainer'),
  pod('a', '2026-01-01T00:00:00Z', 'trainer'),
];

describe('the pod whose log is read', () => {
  it('is the newest one that has the container', () => {
    expect(choosePod(PODS, 'trainer')?.metadata.name).toBe('b');
  });

  it('is the first by name where no pod has it, or any container will do', () => {
    expect(choosePod(PODS, 'nobody')?.metadata.name).toBe('a');
    expect(choosePod(PODS, 'auto')?.metadata.name).toBe('a');
  });

  it('is none where there are none', () => {
    expect(choosePod([], 'trainer')).toBeUndefined();
  });
});
