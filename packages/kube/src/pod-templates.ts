import { mergePatch } from './merge-patch.ts';
import { isRecord } from './outcome.ts';
import { workloadKind } from './workload.ts';
import type { KubeObject } from './workload.ts';

const childOf = (value: unknown, key: string): unknown =>
  isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;

const valuesAt = (value: unknown, path: readonly string[]): unknown[] => {
  const [head, ...rest] = path;
  if (value === undefined || value === null) return [];
  if (head === undefined) return [value];
  if (head !== '*') return valuesAt(childOf(value, head), rest);
  return (Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : []).flatMap(
    (child) => valuesAt(child, rest),
  );
};

/** The pod templates of a workload, in the order of its kind's paths. */
export const podTemplates = (object: KubeObject): Record<string, unknown>[] =>
  (workloadKind(object.kind)?.templates ?? [])
    .flatMap((path) => valuesAt(object, path))
    .filter(isRecord);

/** The annotations of each pod template. */
export const templateAnnotations = (object: KubeObject): Record<string, string>[] =>
  podTemplates(object).map((template) => {
    const found = childOf(childOf(template, 'metadata'), 'annotations');
    return Object.fromEntries(
      Object.entries(isRecord(found) ? found : {}).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string',
      ),
    );
  });

/**
 * The merge patch that puts `change` at each place of `path` that exists in `live`. A list cannot be patched in part
 * (RFC 7386), so that it is repeated as it stands, with the change in its elements.
 */
const patchAt = (live: unknown, path: readonly string[], change: unknown): unknown => {
  const [head, ...rest] = path;
  if (live === undefined || live === null) return undefined;
  if (head === undefined) return change;
  if (Array.isArray(live))
    return head === '*'
      ? live.map((element) => mergePatch(element, patchAt(element, rest, change) ?? {}))
      : undefined;
  if (!isRecord(live)) return undefined;
  const keys = head === '*' ? Object.keys(live) : [head];
  const entries = keys
    .map((key) => [key, patchAt(childOf(live, key), rest, change)] as const)
    .filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
};

/** Two patches as one. `null` stays: it removes only where the patch is used. */
const joinPatches = (left: unknown, right: unknown): unknown => {
  if (!isRecord(left) || !isRecord(right)) return right;
  const joined = new Map(Object.entries(left));
  for (const [key, value] of Object.entries(right))
    joined.set(key, joined.has(key) ? joinPatches(joined.get(key), value) : value);
  return Object.fromEntries(joined);
};

/** Does a patch written for `spec.template` reach the pod templates of this kind without the object at hand. */
export const isPatchedInPlace = (kind: string | undefined): boolean =>
  workloadKind(kind)?.templates[0]?.join('.') === 'spec.template';

/**
 * A patch that is written for `spec.template`, as it must be for the kind of `live`: the same change in every pod
 * template that it has. Repeats whole lists of `live`: send it with its resourceVersion as precondition.
 */
export const patchForKind = (
  patch: Record<string, unknown>,
  live: KubeObject,
): Record<string, unknown> => {
  const change = childOf(patch.spec, 'template');
  if (change === undefined || isPatchedInPlace(live.kind)) return patch;
  const { template: _moved, ...spec } = patch.spec as Record<string, unknown>;
  const places = (workloadKind(live.kind)?.templates ?? []).map((path) =>
    patchAt(live, path, change),
  );
  return places.reduce<Record<string, unknown>>(
    (joined, place) => joinPatches(joined, place ?? {}) as Record<string, unknown>,
    { ...patch, spec },
  );
};
