import { PlanError } from '../plan/plan-error.ts';
import {
  expandPath,
  isRecord,
  valueAt,
  type ConcretePath,
  type KubeObject,
} from './kube-object.ts';
import type { WorkloadKind } from './workload-kinds.ts';

/**
 * Goes to the value under `key`, making it if it is not there. A merge patch replaces lists whole (RFC 7386 section 2),
 * so a list is taken over from the object and changed in the copy.
 */
const stepInto = (at: unknown, key: string | number, original: unknown): unknown => {
  const holder = at as Record<string | number, unknown>;
  holder[key] ??= Array.isArray(original) ? structuredClone(original) : {};
  return holder[key];
};

const annotate = (
  patch: Record<string, unknown>,
  template: ConcretePath,
  annotations: Readonly<Record<string, string>>,
  object: KubeObject | undefined,
): void => {
  const path = [...template, 'metadata', 'annotations'];
  const found = path.reduce<unknown>(
    (at, key, depth) => stepInto(at, key, valueAt(object, path.slice(0, depth + 1))),
    patch,
  );
  if (!isRecord(found)) throw new PlanError('invalid_shape', 'annotations must be an object');
  Object.assign(found, annotations);
};

/** A merge patch that puts `annotations` on every pod template of a workload. */
export const annotateTemplates = (
  kind: WorkloadKind,
  annotations: Readonly<Record<string, string>>,
  object?: KubeObject,
): Record<string, unknown> => {
  const templates = kind.templates.flatMap((path) => expandPath(object, path));
  const unread = object === undefined && kind.templates.flat().includes('*');
  if (unread || templates.length === 0)
    throw new PlanError('invalid_item', `a ${kind.kind} must be read before it can be patched`);
  const patch: Record<string, unknown> = {};
  for (const template of templates) annotate(patch, template, annotations, object);
  return patch;
};
