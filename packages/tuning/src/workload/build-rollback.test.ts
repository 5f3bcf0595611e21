import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildPlan } from '../plan/build-plan.ts';
import { PlanError } from '../plan/plan-error.ts';
import { readPlan } from '../plan/read-plan.ts';
import { deployment, mergePatch, rayCluster } from '../test-support/kube-objects.ts';
import { buildRollback } from './build-rollback.ts';
import { inversePatch } from './inverse-patch.ts';
import { readWorkload } from './read-workload.ts';

const TARGET = { namespace: 'ml', name: 'trainer' };
const ACTIONS = [
  { knob: 'grad_accum_steps', target: 8, reason: 'r', chord: 'DRIFT-RETUNE' },
  { knob: 'microbatch_size', target: 32, reason: 'r', chord: 'DRIFT-RETUNE' },
];

/** Objects without null and without empty maps, as the API server gives them. */
const tree = fc.letrec<{ object: Record<string, unknown>; value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('a', 'b', '', 1, true),
    fc.array(fc.constantFrom('x', 'y'), { maxLength: 2 }),
    tie('object'),
  ),
  object: fc.dictionary(fc.constantFrom('k', 'l', 'm', 'n'), tie('value'), {
    minKeys: 1,
    maxKeys: 3,
  }),
}));
const forwardPatch = fc.letrec<{ object: Record<string, unknown>; value: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.constantFrom('a', 'c', 2, null), tie('object')),
  object: fc.dictionary(fc.constantFrom('k', 'l', 'm', 'o'), tie('value'), { maxKeys: 3 }),
}));

const withoutEmptyMaps = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const kept = Object.entries(value)
    .map(([key, inner]) => [key, withoutEmptyMaps(inner)] as const)
    .filter(([, inner]) => inner !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
};

describe('a rollback plan', () => {
  it('carries the captured values, and null for what was not there', () => {
    const object = deployment({ 'modekeeper/knob.grad_accum_steps': '4', other: 'x' });
    const [rollback] = buildRollback(buildPlan(ACTIONS, TARGET), () => object);
    expect(rollback).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      ...TARGET,
      reason: 'rollback',
      patch: {
        metadata: {
          annotations: {
            'modekeeper/knob.grad_accum_steps': null,
            'modekeeper/knob.microbatch_size': null,
          },
        },
        spec: {
          template: {
            metadata: {
              annotations: {
                'modekeeper/knob.grad_accum_steps': '4',
                'modekeeper/knob.microbatch_size': null,
              },
            },
          },
        },
      },
    });
  });

  it('is a plan that can be written, read and applied, and brings back the object', () => {
    for (const object of [
      deployment({ 'modekeeper/knob.grad_accum_steps': '4' }, { keep: 'me' }),
      rayCluster({ 'modekeeper/knob.microbatch_size': '16' }),
    ]) {
      const { kind, apiVersion } = object;
      const plan = buildPlan(ACTIONS, { ...TARGET, kind, apiVersion, object });
      const changed = mergePatch(object, plan[0]!.patch);
      expect(readWorkload(changed).observed_knobs).toEqual({
        grad_accum_steps: '8',
        microbatch_size: '32',
      });
      const rollback = readPlan(
        JSON.parse(JSON.stringify(buildRollback(plan, () => object))),
        'list',
      );
      const restored = mergePatch(changed, rollback[0]!.patch);
      expect(withoutEmptyMaps(restored)).toEqual(withoutEmptyMaps(object));
    }
  });

  it('undoes the last item first', () => {
    const items = ['a', 'b'].map((name) => buildPlan(ACTIONS, { ...TARGET, name })[0]!);
    const names = buildRollback(items, () => deployment()).map(({ name }) => name);
    expect(names).toEqual(['b', 'a']);
  });

  it('is refused where nothing was captured', () => {
    expect(() => buildRollback(buildPlan(ACTIONS, TARGET), () => undefined)).toThrow(PlanError);
  });
});

describe('an inverse merge patch', () => {
  it('restores what the patch changed, whatever both are', () => {
    fc.assert(
      fc.property(tree.object, forwardPatch.object, (original, forward) => {
        const changed = mergePatch(original, forward);
        const restored = mergePatch(changed, inversePatch(forward, original));
        expect(withoutEmptyMaps(restored)).toEqual(withoutEmptyMaps(original));
      }),
      { numRuns: 500 },
    );
  });

  it('leaves alone what others added since', () => {
    const inverse = inversePatch({ annotations: { mine: '1' } }, {});
    expect(mergePatch({ annotations: { mine: '1', theirs: '2' } }, inverse)).toEqual({
      annotations: { theirs: '2' },
    });
  });
});
