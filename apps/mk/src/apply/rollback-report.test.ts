import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { mergePatch, patchForKind, type KubeObject } from '@holdfast/kube';
import type { PlanItem } from '@holdfast/tuning';
import { openOutDir } from '../artifacts/out-dir.ts';
import { asSent } from './gated-apply.ts';
import { writeRollback } from './rollback-report.ts';

const template = (steps: string) => ({
  metadata: { annotations: { 'modekeeper/knob.grad_accum_steps': steps } },
});

it('captures the values of every pod template that a patch for one template reaches', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mk-rollback-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const object = {
    apiVersion: 'kubeflow.org/v1',
    kind: 'PyTorchJob',
    metadata: { name: 'trainer', namespace: 'ml', resourceVersion: '1' },
    spec: {
      pytorchReplicaSpecs: {
        Master: { template: template('4') },
        Worker: { template: template('2') },
      },
    },
  } as unknown as KubeObject;
  const item: PlanItem = {
    apiVersion: 'kubeflow.org/v1',
    kind: 'PyTorchJob',
    namespace: 'ml',
    name: 'trainer',
    patch: { spec: { template: template('8') } },
  };
  const path = writeRollback(
    openOutDir(folder, () => 0),
    { items: asSent([item], [object]), before: [object], fromVerifyReport: null, changes: [] },
  );
  const { items, applied } = JSON.parse(readFileSync(path, 'utf8')) as {
    items: PlanItem[];
    applied: unknown[];
  };
  const after = mergePatch(object, patchForKind(item.patch, object));
  expect(mergePatch(object, applied[0])).toEqual(after);
  expect(mergePatch(after, items[0]!.patch)).toEqual(object);
});
