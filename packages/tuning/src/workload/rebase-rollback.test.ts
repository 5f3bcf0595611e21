import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildPlan } from '../plan/build-plan.ts';
import { deployment, mergePatch, rayCluster } from '../test-support/kube-objects.ts';
import { inversePatch } from './inverse-patch.ts';
import { rebaseRollback } from './rebase-rollback.ts';

type Fields = Record<string, unknown>;

const TARGET = { namespace: 'ml', name: 'trainer' };
const STEPS = 'modekeeper/knob.grad_accum_steps';
const MICRO = 'modekeeper/knob.microbatch_size';
const ACTIONS = [
  { knob: 'grad_accum_steps', target: 8, reason: 'r', chord: 'DRIFT-RETUNE' },
  { knob: 'microbatch_size', target: 32, reason: 'r', chord: 'DRIFT-RETUNE' },
];

/** An object before an apply, the patch, its inverse, and the object after it. */
const applied = (object: Fields & { kind: string; apiVersion: string }) => {
  const { kind, apiVersion } = object;
  const { patch } = buildPlan(ACTIONS, { ...TARGET, kind, apiVersion, object })[0]!;
  return { patch, back: inversePatch(patch, object), after: mergePatch(object, patch) as Fields };
};

describe('a way back, held against the object as it is', () => {
  it('is the captured one where the object holds what was applied', () => {
    const { patch, back, after } = applied(deployment({ [STEPS]: '4' }));
    expect(rebaseRollback(patch, back, after)).toEqual({ patch: back, conflicts: [] });
  });

  it('has nothing to do where the object is back already, or was never changed', () => {
    const object = deployment({ [STEPS]: '4' });
    const { patch, back } = applied(object);
    expect(rebaseRollback(patch, back, object)).toEqual({ patch: {}, conflicts: [] });
  });

  it('names each field that somebody else has set since, and leaves it alone', () => {
    const { patch, back, after } = applied(deployment({ [STEPS]: '4' }));
    const theirs = { metadata: { annotations: { [STEPS]: '12', [MICRO]: null } } };
    const live = mergePatch(after, { spec: { template: theirs } }) as Fields;
    const rebased = rebaseRollback(patch, back, live);
    expect(rebased.conflicts).toEqual([
      `spec.template.metadata.annotations.${STEPS} is "12", it was set to "8"`,
    ]);
    expect(rebased.patch).toEqual({ metadata: { annotations: { [STEPS]: null, [MICRO]: null } } });
  });

  it('keeps what others changed in a list that a merge patch replaces whole', () => {
    const { patch, back, after } = applied(rayCluster({ [MICRO]: '16' }));
    const live = structuredClone(after) as ReturnType<typeof rayCluster>;
    live.spec.workerGroupSpecs[1]!.replicas = 7;
    const { patch: rebased, conflicts } = rebaseRollback(patch, back, live);
    const restored = mergePatch(live, rebased) as ReturnType<typeof rayCluster>;
    expect(conflicts).toEqual([]);
    expect(restored.spec.workerGroupSpecs.map(({ replicas }) => replicas)).toEqual([2, 7]);
    for (const { template } of restored.spec.workerGroupSpecs)
      expect(template.metadata).toMatchObject({ annotations: { [MICRO]: '16' } });
  });

  it('refuses a list that has got other elements', () => {
    const { patch, back, after } = applied(rayCluster({ [MICRO]: '16' }));
    const live = structuredClone(after) as ReturnType<typeof rayCluster>;
    live.spec.workerGroupSpecs.shift();
    const { conflicts } = rebaseRollback(patch, back, live);
    expect(conflicts).toEqual([expect.stringMatching(/^spec\.workerGroupSpecs is /)]);
  });

  it('never touches a field that holds something else than was applied', () => {
    const leaf = fc.constantFrom('a', 'b', 'c', null);
    const fields = fc.dictionary(fc.constantFrom('k', 'l', 'm'), leaf);
    fc.assert(
      fc.property(fields, fields, fields, (before, forward, others) => {
        const original = mergePatch({}, before) as Fields;
        const back = inversePatch(forward, original);
        const after = mergePatch(original, forward) as Fields;
        const live = mergePatch(after, others) as Fields;
        const { patch, conflicts } = rebaseRollback(forward, back, live);
        const restored = mergePatch(live, patch) as Fields;
        for (const key of ['k', 'l', 'm']) {
          const isTheirs = live[key] !== after[key];
          expect(restored[key]).toBe(isTheirs ? live[key] : original[key]);
          const isConflict = isTheirs && live[key] !== original[key] && key in forward;
          expect(conflicts.some((text) => text.startsWith(`${key} is`))).toBe(
            isConflict && after[key] !== original[key],
          );
        }
      }),
    );
  });
});
