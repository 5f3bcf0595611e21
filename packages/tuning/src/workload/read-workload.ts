import { GLOBAL_BATCH_ANNOTATION, integerOf, KNOB_ANNOTATION } from '../knobs/knob-annotation.ts';
import { KNOBS } from '../knobs/knob-registry.ts';
import type { WorkloadState } from '../safety/workload-state.ts';
import { readAppliedHistory } from './applied-memory.ts';
import { annotationsAt, expandPath, isRecord, valueAt, type KubeObject } from './kube-object.ts';
import { findKind, type WorkloadKind } from './workload-kinds.ts';

/** A workload as its object tells it. */
export interface Workload {
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string;
  readonly resource_version: string | undefined;
  /** Whether its pod template may be changed at all (that of a running Job may not). */
  readonly mutable: boolean;
  /** Text of every knob annotation that all pod templates agree on, by knob. */
  readonly observed_knobs: Readonly<Record<string, string>>;
  readonly state: WorkloadState;
}

/** An object that is no workload the engine knows. */
export class WorkloadError extends Error {
  readonly code = 'unknown_workload';

  constructor(message: string) {
    super(message);
    this.name = 'WorkloadError';
  }
}

const textAt = (object: KubeObject, ...path: string[]): string | undefined => {
  const value = valueAt(object, path);
  return typeof value === 'string' ? value : undefined;
};

/** Templates that disagree on a knob leave it unknown: no one value is true of the workload. */
const observedKnobs = (templates: readonly Record<string, string>[]): Record<string, string> =>
  Object.fromEntries(
    Object.keys(KNOBS).flatMap((knob) => {
      const texts = new Set(templates.map((template) => template[`${KNOB_ANNOTATION}${knob}`]));
      const [text] = texts;
      return texts.size === 1 && text !== undefined ? [[knob, text]] : [];
    }),
  );

const numbersOf = (observed: Readonly<Record<string, string>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(observed).flatMap(([knob, text]) => {
      const value = integerOf(text);
      return value === undefined ? [] : [[knob, value]];
    }),
  );

const replicasOf = (object: KubeObject, kind: WorkloadKind): number =>
  kind.replicas
    .flatMap((path) => expandPath(object, path))
    .map((path) => valueAt(object, path))
    .reduce<number>(
      (total, count) => total + (typeof count === 'number' ? count : kind.default_replicas),
      0,
    );

/** NaN: something is declared that is no batch. It is kept by nothing, rather than by everything. */
const declaredBatch = (places: readonly Record<string, string>[]): number | undefined => {
  const texts = places.map((annotations) => annotations[GLOBAL_BATCH_ANNOTATION]);
  const declared = texts.find((text) => text !== undefined && text.trim() !== '');
  if (declared === undefined) return undefined;
  const batch = integerOf(declared) ?? Number.NaN;
  return batch > 0 ? batch : Number.NaN;
};

/** Reads what the engine needs of a workload from its object. Throws WorkloadError for anything else. */
export const readWorkload = (object: unknown): Workload => {
  if (!isRecord(object)) throw new WorkloadError('not an object');
  const kind = findKind(textAt(object, 'kind') ?? 'Deployment', textAt(object, 'apiVersion'));
  if (kind === undefined) throw new WorkloadError('not a kind of workload that can be tuned');
  const name = textAt(object, 'metadata', 'name');
  if (name === undefined) throw new WorkloadError('the object has no name');
  const own = annotationsAt(object, []);
  const templates = kind.templates
    .flatMap((path) => expandPath(object, path))
    .map((path) => annotationsAt(object, path));
  const observed = observedKnobs(templates);
  const replicas = replicasOf(object, kind);
  const batch = declaredBatch([own, ...templates]);
  return {
    kind,
    namespace: textAt(object, 'metadata', 'namespace') ?? 'default',
    name,
    resource_version: textAt(object, 'metadata', 'resourceVersion'),
    mutable: kind.mutable_when === undefined || valueAt(object, kind.mutable_when) === true,
    observed_knobs: observed,
    state: {
      knobs: numbersOf(observed),
      replicas,
      ...(batch === undefined ? {} : { global_batch: batch }),
      history: readAppliedHistory(own),
    },
  };
};
