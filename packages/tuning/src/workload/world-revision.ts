import { createHash } from 'node:crypto';
import { canonicalize } from '@holdfast/merkle';
import { KNOB_ANNOTATION } from '../knobs/knob-annotation.ts';
import { annotationsAt, expandPath, valueAt, type KubeObject } from './kube-object.ts';
import { readWorkload } from './read-workload.ts';

const knobsOf = (annotations: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(annotations).filter(([key]) => key.startsWith(KNOB_ANNOTATION)),
  );

/**
 * Names the state of a workload that a plan depends on: which object it is, its specification by its generation, and its
 * knobs. Its resourceVersion is none of that: it moves with every word of a controller about the status. The server moves
 * the generation of a Deployment with its annotations too, so that any of them counts there. SHA-256, hex.
 * Throws WorkloadError for an object of a kind that is not known.
 */
export const worldRevision = (object: KubeObject): string => {
  const { kind } = readWorkload(object);
  const places = [[], ...kind.templates.flatMap((path) => expandPath(object, path))];
  const world = {
    uid: valueAt(object, ['metadata', 'uid']) ?? null,
    generation: valueAt(object, ['metadata', 'generation']) ?? null,
    knobs: places.map((path) => knobsOf(annotationsAt(object, path))),
  };
  return createHash('sha256').update(canonicalize(world)).digest('hex');
};
