import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mergePatch } from './merge-patch.ts';
import { patchForKind, podTemplates, templateAnnotations } from './pod-templates.ts';
import type { KubeObject } from './workload.ts';

const CHANGE = { metadata: { annotations: { 'modekeeper/knob.a': '1' } } };
const PATCH = { metadata: CHANGE.metadata, spec: { template: CHANGE } };

const template = fc.record({
  metadata: fc.record({ annotations: fc.dictionary(fc.constantFrom('x', 'y'), fc.string()) }),
  spec: fc.record({ containers: fc.array(fc.record({ name: fc.string() })) }),
});
const group = fc.record({ groupName: fc.string(), replicas: fc.nat(), template });
const specs = {
  Deployment: fc.record({ replicas: fc.nat(), template }),
  PyTorchJob: fc.record({
    pytorchReplicaSpecs: fc.dictionary(
      fc.constantFrom('Master', 'Worker'),
      fc.record({ template }),
    ),
  }),
  RayCluster: fc.record(
    { headGroupSpec: fc.record({ template }), workerGroupSpecs: fc.array(group, { maxLength: 3 }) },
    { requiredKeys: ['headGroupSpec'] },
  ),
};

it('changes every pod template in the same way, and nothing else', () => {
  const objects = fc.oneof(
    ...Object.entries(specs).map(([kind, spec]) =>
      (spec as fc.Arbitrary<object>).map((value) => ({ kind, metadata: {}, spec: value })),
    ),
  );
  fc.assert(
    fc.property(objects, (drawn) => {
      const live = structuredClone(drawn) as KubeObject;
      const before = JSON.stringify(live);
      const patched = mergePatch(live, patchForKind(PATCH, live)) as KubeObject;
      expect(JSON.stringify(live)).toBe(before);
      const templates = podTemplates(live);
      expect(podTemplates(patched)).toEqual(templates.map((found) => mergePatch(found, CHANGE)));
      for (const annotations of templateAnnotations(patched))
        expect(annotations['modekeeper/knob.a']).toBe('1');
      const undo = { metadata: { annotations: { 'modekeeper/knob.a': null } } };
      const undone = mergePatch(
        patched,
        patchForKind({ ...undo, spec: { template: undo } }, patched),
      ) as KubeObject;
      expect(podTemplates(undone)).toEqual(templates);
    }),
  );
});

it('finds no templates where there are none, and leaves a patch alone that names its own paths', () => {
  const odd = { kind: 'RayCluster', metadata: {}, spec: { workerGroupSpecs: 'none' } };
  expect(podTemplates(odd)).toEqual([]);
  expect(podTemplates({ kind: 'CronTab', metadata: {}, spec: { template: {} } })).toEqual([]);
  expect(patchForKind(PATCH, odd)).toEqual({ metadata: CHANGE.metadata, spec: {} });
  const own = { spec: { headGroupSpec: { template: CHANGE } } };
  expect(patchForKind(own, odd)).toBe(own);
});
