import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  deployment,
  job,
  pyTorchJob,
  rayCluster,
  statefulSet,
} from '../test-support/kube-objects.ts';
import { CATALOG } from '../chords/catalog.ts';
import { checkLimits } from '../safety/check-limits.ts';
import { fitGlobalBatch } from '../safety/fit-global-batch.ts';
import { readWorkload, WorkloadError } from './read-workload.ts';

const KNOBS = { 'modekeeper/knob.grad_accum_steps': '4', 'modekeeper/knob.microbatch_size': '16' };

describe('reading a workload', () => {
  it('finds knobs, replicas, declared batch, history and version of a Deployment', () => {
    const own = {
      'modekeeper/global_batch_size': '256',
      'modekeeper/applied.DRIFT-RETUNE': '2026-03-01T12:00:00Z',
      // What is on the workload alone does not run.
      'modekeeper/knob.concurrency': '8',
    };
    expect(readWorkload(deployment({ ...KNOBS, other: 'x' }, own, 4))).toMatchObject({
      kind: { kind: 'Deployment' },
      namespace: 'ml',
      name: 'trainer',
      resource_version: '41',
      mutable: true,
      observed_knobs: { grad_accum_steps: '4', microbatch_size: '16' },
      state: {
        knobs: { grad_accum_steps: 4, microbatch_size: 16 },
        replicas: 4,
        global_batch: 256,
        history: [{ chord: 'DRIFT-RETUNE', at_ms: Date.parse('2026-03-01T12:00:00Z') }],
      },
    });
  });

  it('takes one replica where a Deployment or StatefulSet names none', () => {
    expect(readWorkload(deployment()).state).toEqual({ knobs: {}, replicas: 1, history: [] });
    expect(readWorkload(statefulSet(KNOBS, 3)).state.replicas).toBe(3);
  });

  it('keeps the text of a knob that is no integer, and no value of it', () => {
    const { observed_knobs, state } = readWorkload(
      deployment({ 'modekeeper/knob.concurrency': '8.0', 'modekeeper/knob.unheard_of': '1' }),
    );
    expect(observed_knobs).toEqual({ concurrency: '8.0' });
    expect(state.knobs).toEqual({});
  });

  it.each(['0', '-4', '2.5', 'many', '9'.repeat(20)])(
    'keeps the batch knobs of a workload that declares %j as they are',
    (text) => {
      const own = { 'modekeeper/global_batch_size': text };
      const { state } = readWorkload(deployment(KNOBS, own));
      expect(state.global_batch).toBeNaN();
      const action = { knob: 'grad_accum_steps', target: 8, reason: 'r', chord: 'DRIFT-RETUNE' };
      const limits = { catalog: CATALOG, state, nowMs: 0, cooldownS: 0, maxDeltaPerStep: 0 };
      expect(checkLimits(fitGlobalBatch([action], limits), limits).allowed).toEqual([]);
    },
  );

  it('takes blank text for no declared batch', () => {
    const own = { 'modekeeper/global_batch_size': ' ' };
    expect(readWorkload(deployment(KNOBS, own)).state.global_batch).toBeUndefined();
  });

  it('takes a declared batch from the pod template too', () => {
    const { state } = readWorkload(deployment({ 'modekeeper/global_batch_size': '64' }));
    expect(state.global_batch).toBe(64);
  });

  it('may change the template of a Job only while it is suspended', () => {
    expect(readWorkload(job(true, 4))).toMatchObject({ mutable: true, state: { replicas: 4 } });
    expect(readWorkload(job(false)).mutable).toBe(false);
  });

  it('counts every replica type of a PyTorchJob and believes knobs that all of them have', () => {
    expect(readWorkload(pyTorchJob(KNOBS, KNOBS)).state).toMatchObject({
      knobs: { grad_accum_steps: 4, microbatch_size: 16 },
      replicas: 4,
    });
    expect(readWorkload(pyTorchJob(KNOBS, {})).state.knobs).toEqual({});
  });

  it('counts the workers of a RayCluster, not its head', () => {
    expect(readWorkload(rayCluster(KNOBS)).state).toMatchObject({
      knobs: { grad_accum_steps: 4, microbatch_size: 16 },
      replicas: 5,
    });
  });

  it('refuses what is no workload, whatever the JSON', () => {
    expect(() => readWorkload({ ...deployment(), kind: 'DaemonSet' })).toThrow(WorkloadError);
    expect(() => readWorkload({ ...deployment(), apiVersion: 'apps/v2' })).toThrow(WorkloadError);
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(() => readWorkload(json)).toThrow(WorkloadError);
      }),
    );
  });

  it('reads any inside of a workload without an exception', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('Deployment', 'Job'), (spec, kind) => {
        const workload = readWorkload({ kind, metadata: { name: 'x', annotations: spec }, spec });
        expect(workload.name).toBe('x');
      }),
    );
  });
});
