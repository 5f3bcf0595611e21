import { mergePatch, patchForKind, type KubeObject } from '@holdfast/kube';
import {
  actionsOfPlan,
  CATALOG,
  isRecord,
  KNOB_ANNOTATION,
  type Action,
  type PlanItem,
} from '@holdfast/tuning';
import { isDeepStrictEqual } from 'node:util';

/** Everything but the knobs, and the maps that only they were in. */
const withoutKnobs = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutKnobs);
  if (!isRecord(value)) return value;
  const kept = Object.entries(value)
    .filter(([key]) => !key.startsWith(KNOB_ANNOTATION))
    .map(([key, inner]) => [key, withoutKnobs(inner)] as const)
    .filter(([, inner]) => !isRecord(inner) || Object.keys(inner).length > 0);
  return Object.fromEntries(kept);
};

/** Every value that a patch gives a knob, by knob; null takes it away. */
const knobValues = (value: unknown, found = new Map<string, Set<unknown>>()) => {
  for (const [key, inner] of Object.entries(isRecord(value) || Array.isArray(value) ? value : {}))
    if (key.startsWith(KNOB_ANNOTATION)) found.set(key, (found.get(key) ?? new Set()).add(inner));
    else knobValues(inner, found);
  return found;
};

/**
 * A plan item as the actions of a tuning, which sets knobs and does nothing else; or why it is none. `before`: the object
 * as it was read.
 */
export const tuningOf = (
  item: PlanItem,
  before: KubeObject,
): { readonly actions: readonly Action[] } | { readonly problem: string } => {
  const knobs = knobValues(item.patch);
  if (knobs.size === 0) return { problem: 'it sets no knob' };
  for (const [key, values] of knobs) {
    if (values.has(null)) return { problem: `it takes ${key} away` };
    if (values.size > 1) return { problem: `it gives ${key} more than one value` };
  }
  const after = mergePatch(before, patchForKind(item.patch, before));
  if (!isDeepStrictEqual(withoutKnobs(after), withoutKnobs(before)))
    return { problem: 'it sets more than knobs' };
  return { actions: actionsOfPlan(item, CATALOG) };
};
