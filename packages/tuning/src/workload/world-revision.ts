import { createHash } from 'node:crypto';
import { canonicalize } from '@holdfast/merkle';
import { GLOBAL_BATCH_ANNOTATION, KNOB_ANNOTATION } from '../knobs/knob-annotation.ts';
import { annotationsAt, valueAt, type KubeObject } from './kube-object.ts';
import { readWorkload } from './read-workload.ts';

const isOfTuning = (key: string): boolean =>
  key.startsWith(KNOB_ANNOTATION) || key === GLOBAL_BATCH_ANNOTATION;

/**
 * Names the state of a workload that a plan depends on: which object it is, by its uid; its whole specification, with
 * replicas and pod templates; and of its own annotations the knobs and the declared batch. Not of it are what moves while
 * the workload stays what it is: status, resourceVersion, managed fields, labels and annotations of others, and the
 * generation, which a server moves with any annotation of a Deployment. SHA-256, hex.
 * Throws WorkloadError for an object of a kind that is not known.
 */
export const worldRevision = (object: KubeObject): string => {
  readWorkload(object);
  const own = Object.entries(annotationsAt(object, [])).filter(([key]) => isOfTuning(key));
  const world = {
    uid: valueAt(object, ['metadata', 'uid']) ?? null,
    spec: valueAt(object, ['spec']) ?? null,
    annotations: Object.fromEntries(own),
  };
  return createHash('sha256').update(canonicalize(world)).digest('hex');
};
