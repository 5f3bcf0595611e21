import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOG } from '../chords/catalog.ts';
import {
  deployment,
  job,
  mergePatch,
  pyTorchJob,
  rayCluster,
} from '../test-support/kube-objects.ts';
import { readWorkload } from '../workload/read-workload.ts';
import { actionsOfPlan } from './actions-of-plan.ts';
import { buildPlan } from './build-plan.ts';
import { PlanError } from './plan-error.ts';
import { planHash } from './plan-hash.ts';
import { readPlan } from './read-plan.ts';

const TARGET = { namespace: 'ml', name: 'trainer' };
const retune = (steps: number, micro: number) => [
  { knob: 'grad_accum_steps', target: steps, reason: 'r', chord: 'DRIFT-RETUNE' },
  { knob: 'microbatch_size', target: micro, reason: 'r', chord: 'DRIFT-RETUNE' },
];
const ANNOTATIONS = {
  annotations: { 'modekeeper/knob.grad_accum_steps': '8', 'modekeeper/knob.microbatch_size': '32' },
};
const thrown = (run: () => unknown): PlanError => {
  try {
    run();
  } catch (error) {
    if (error instanceof PlanError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('building a plan', () => {
  it('makes none of no actions and one item of any number', () => {
    expect(buildPlan([], TARGET)).toEqual([]);
    expect(buildPlan(retune(8, 32), TARGET)).toEqual([
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        ...TARGET,
        reason: 'coalesced',
        patch: { metadata: ANNOTATIONS, spec: { template: { metadata: ANNOTATIONS } } },
      },
    ]);
  });

  it('lets the later of two actions on a knob win', () => {
    const [item] = buildPlan([...retune(4, 16), ...retune(8, 32)], TARGET);
    expect(item?.patch['metadata']).toEqual(ANNOTATIONS);
  });

  it('puts the knobs on every pod template of each kind and touches nothing else', () => {
    for (const object of [
      deployment(),
      job(true),
      pyTorchJob({ a: 'b' }),
      rayCluster({ c: 'd' }),
    ]) {
      const { kind, apiVersion } = object;
      const [item] = buildPlan(retune(8, 32), { ...TARGET, kind, apiVersion, object });
      const changed = mergePatch(object, item!.patch);
      expect(readWorkload(changed).state.knobs).toEqual({
        grad_accum_steps: 8,
        microbatch_size: 32,
      });
      const stripped = JSON.stringify(changed).replaceAll(
        /"modekeeper\/knob\.[a-z_]+":"\d+",?/g,
        '',
      );
      const plain = stripped.replaceAll(',}', '}').replaceAll(/,?"annotations":\{\}/g, '');
      expect(JSON.parse(plain)).toEqual(JSON.parse(JSON.stringify(object)));
    }
  });

  it('refuses kinds it must read first, and targets without a name', () => {
    for (const kind of ['PyTorchJob', 'RayCluster', 'DaemonSet'])
      expect(() => buildPlan(retune(8, 32), { ...TARGET, kind })).toThrow(PlanError);
    expect(() => buildPlan(retune(8, 32), { ...TARGET, name: 'a; b' })).toThrow(PlanError);
    expect(() => buildPlan(retune(8, 32), { ...TARGET, namespace: '' })).toThrow(PlanError);
  });

  it('cannot be made to write outside of the patch by the keys of an object', () => {
    const object = JSON.parse(
      '{"kind":"PyTorchJob","spec":{"pytorchReplicaSpecs":{"__proto__":{"template":{}},"Worker":{"template":{}}}}}',
    );
    buildPlan(retune(8, 32), { ...TARGET, kind: 'PyTorchJob', object });
    expect(Object.hasOwn(Object.prototype, 'template')).toBe(false);
  });
});

describe('reading a plan', () => {
  const item = { apiVersion: 'apps/v1', kind: 'Deployment', ...TARGET, patch: { a: 1 } };

  it('takes the three forms, or the list alone', () => {
    for (const json of [[item], { items: [item] }, item])
      expect(readPlan(json, 'any')).toEqual([item]);
    expect(readPlan([item], 'list')).toEqual([item]);
    for (const json of [{ items: [item] }, item])
      expect(thrown(() => readPlan(json, 'list')).kind).toBe('invalid_shape');
  });

  it('takes an item without kind for a Deployment, and one without patch for no change', () => {
    for (const patch of [undefined, null])
      expect(readPlan([{ ...TARGET, patch }], 'list')).toEqual([
        { apiVersion: 'apps/v1', kind: 'Deployment', ...TARGET, patch: {} },
      ]);
  });

  it.each([[null], ['text'], [7], [{ items: {} }], [{ items: null }]])(
    'refuses the shape %j',
    (json) => {
      expect(thrown(() => readPlan(json, 'any')).kind).toBe('invalid_shape');
    },
  );

  it.each([
    [null],
    [[]],
    [{ name: 'x' }],
    [{ ...TARGET, namespace: ' ' }],
    [{ ...TARGET, name: 5 }],
    [{ ...TARGET, name: 'x; rm' }],
    [{ ...TARGET, name: '-x' }],
    [{ ...TARGET, namespace: 'a.b' }],
    [{ ...TARGET, patch: [] }],
    [{ ...TARGET, patch: 'x' }],
    [{ ...TARGET, patch: { a: '\ud800' } }],
    [{ ...TARGET, kind: 'Secret' }],
    [{ ...TARGET, kind: 'Deployment', apiVersion: 'v1' }],
  ])('refuses the item %j and says which it is', (bad) => {
    const error = thrown(() => readPlan([item, bad], 'any'));
    expect([error.kind, error.index]).toEqual(['invalid_item', 1]);
  });

  it('never fails in another way, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        try {
          readPlan(json, 'any');
        } catch (error) {
          expect(error).toBeInstanceOf(PlanError);
        }
      }),
    );
  });

  it('reads back what was built', () => {
    const plan = buildPlan(retune(8, 32), TARGET);
    expect(readPlan(JSON.parse(JSON.stringify(plan)), 'list')).toEqual(plan);
  });
});

describe('the hash of a plan', () => {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, inner]) => [key, shuffled(inner)]),
    );
  };

  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (patch) => {
        const plan = [{ ...buildPlan(retune(8, 32), TARGET)[0]!, patch }];
        expect(planHash(shuffled(plan) as typeof plan)).toBe(planHash(plan));
      }),
    );
  });

  it('depends on every value, and on the order of items', () => {
    const [item] = buildPlan(retune(8, 32), TARGET);
    const other = { ...item!, name: 'trainer2' };
    const hashes = [
      planHash([]),
      planHash([item!]),
      planHash([other]),
      planHash([item!, other]),
      planHash([other, item!]),
      planHash(buildPlan(retune(8, 16), TARGET)),
      planHash([{ ...item!, namespace: 'x' }]),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
    for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('takes no reason as none', () => {
    const [item] = buildPlan(retune(8, 32), TARGET);
    const { reason: _reason, ...bare } = item!;
    const item8785 =
      '[{"apiVersion":"apps/v1","kind":"Deployment","name":"trainer","namespace":"ml","patch":{"a":1}}]';
    const hash = createHash('sha256').update(item8785).digest('hex');
    expect(planHash([{ ...bare, reason: undefined, patch: { a: 1 } }])).toBe(hash);
    expect(planHash([{ ...bare, patch: { a: 1 } }])).toBe(hash);
  });
});

describe('the actions of a plan from outside', () => {
  it('are its knobs, under the first chord that lists them', () => {
    const [item] = buildPlan(retune(8, 32), TARGET);
    expect(actionsOfPlan(item!, CATALOG)).toEqual(
      retune(8, 32).map((action) => ({ ...action, reason: 'external_plan' })),
    );
  });

  it('are found on every template, kept as text where they are no integer, and none where removed', () => {
    const on = (annotations: Record<string, unknown>) => ({
      template: { metadata: { annotations } },
    });
    const item = {
      apiVersion: 'ray.io/v1',
      kind: 'RayCluster',
      ...TARGET,
      patch: {
        spec: {
          headGroupSpec: on({ 'modekeeper/knob.concurrency': '4', x: 'y' }),
          workerGroupSpecs: [
            on({ 'modekeeper/knob.timeout_ms': 'soon', 'modekeeper/knob.a': null }),
          ],
        },
      },
    };
    expect(actionsOfPlan(item, CATALOG)).toEqual([
      { knob: 'concurrency', target: 4, reason: 'external_plan', chord: 'BURST-ABSORB' },
      { knob: 'timeout_ms', target: 'soon', reason: 'external_plan', chord: 'TIMEOUT-GUARD' },
    ]);
  });
});
