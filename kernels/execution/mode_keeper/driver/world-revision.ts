import { createHash } from 'node:crypto';
import { canonicalize } from '@holdfast/merkle';
import {
  annotationsAt,
  expandPath,
  KNOB_ANNOTATION,
  readWorkload,
  valueAt,
  type KubeObject,
} from '@holdfast/tuning';

const knobsOf = (annotations: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(annotations).filter(([key]) => key.startsWith(KNOB_ANNOTATION)),
  );

/**
 * Names the state of a workload that a plan depends on: which object it is, its specification by its generation, and its
 * knobs. Its resourceVersion is none of that: it moves with every word of a controller about the status.
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
