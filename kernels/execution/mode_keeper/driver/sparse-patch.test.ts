import { buildPlan, type KubeObject } from '@holdfast/tuning';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differencesFrom, holds, sparseOf, toMergePatch, valuesUnder } from './sparse-patch.ts';

/** RFC 7386, appendix A, as the reference for what a server does. */
const serve = (target: unknown, patch: unknown): unknown => {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const isObject = typeof target === 'object' && target !== null && !Array.isArray(target);
  const result: Record<string, unknown> = isObject ? { ...target } : {};
  for (const [key, value] of Object.entries(patch))
    if (value === null) delete result[key];
    else result[key] = serve(result[key], value);
  return result;
};

const group = (name: string, annotations: Record<string, string>) => ({
  groupName: name,
  replicas: 2,
  template: {
    metadata: { annotations },
    spec: { containers: [{ name: 'ray', env: [{ name: 'TOKEN', value: `secret-${name}` }] }] },
  },
});

const rayCluster = (
  head: Record<string, string>,
  workers: readonly Record<string, string>[],
): KubeObject => ({
  apiVersion: 'ray.io/v1',
  kind: 'RayCluster',
  metadata: { name: 'ray', namespace: 'ml', annotations: head },
  spec: {
    headGroupSpec: group('head', head),
    workerGroupSpecs: workers.map((annotations, index) => group(`w${index}`, annotations)),
  },
});

const KNOBS = { grad_accum_steps: 8, concurrency: 4 };
const patchFor = (object: KubeObject) => {
  const actions = Object.entries(KNOBS).map(([knob, target]) => ({
    knob,
    target,
    reason: '',
    chord: '',
  }));
  const target = { kind: 'RayCluster', namespace: 'ml', name: 'ray', object };
  return buildPlan(actions, target)[0]!.patch;
};

const annotations = fc
  .dictionary(
    fc.constantFrom('modekeeper/knob.grad_accum_steps', 'modekeeper/knob.concurrency', 'team'),
    fc.constantFrom('1', '4', '8'),
  )
  .map((map) => ({ ...map }));
const clusters = fc
  .tuple(annotations, fc.array(annotations, { minLength: 1, maxLength: 4 }))
  .map(([head, workers]) => rayCluster(head, workers));

describe('a sparse patch', () => {
  it('holds nothing of a list but what changes in it', () => {
    const object = rayCluster({}, [{ team: 'a' }, {}]);
    const text = JSON.stringify(sparseOf(patchFor(object), object));
    expect(text).not.toContain('secret');
    expect(text).not.toContain('replicas');
    expect(text).toContain('workerGroupSpecs');
  });

  it('does to an object what the patch does that it stands for', () => {
    fc.assert(
      fc.property(clusters, (object) => {
        const whole = patchFor(object);
        const sparse = sparseOf(whole, object);
        expect(serve(object, toMergePatch(sparse, object))).toEqual(serve(object, whole));
      }),
    );
  });

  it('is taken back by the values of before, whatever others changed in the lists meanwhile', () => {
    fc.assert(
      fc.property(clusters, fc.nat({ max: 9 }), (object, replicas) => {
        const patch = sparseOf(patchFor(object), object);
        const before = valuesUnder(patch, object);
        expect(holds(before, object)).toBe(true);
        const patched = serve(object, toMergePatch(patch, object)) as typeof object;
        expect(holds(patch, patched)).toBe(true);
        const scaled = structuredClone(patched) as { spec: { workerGroupSpecs: object[] } };
        Object.assign(scaled.spec.workerGroupSpecs[0]!, { replicas });
        const restored = serve(scaled, toMergePatch(before, scaled)) as typeof object;
        expect(holds(before, restored)).toBe(true);
        const wanted = structuredClone(object) as { spec: { workerGroupSpecs: object[] } };
        Object.assign(wanted.spec.workerGroupSpecs[0]!, { replicas });
        expect(restored).toEqual(wanted);
      }),
    );
  });

  it('names what differs, with what was expected and what is there', () => {
    const object = rayCluster({ 'modekeeper/knob.concurrency': '2' }, [{}]);
    const patch = {
      metadata: { annotations: { 'modekeeper/knob.concurrency': '4', extra: null } },
    };
    expect(differencesFrom(patch, object)).toEqual([
      'metadata annotations modekeeper/knob.concurrency: expected "4", got "2"',
    ]);
  });
});
