import type { ChordCatalog } from '../chords/chord-catalog.ts';
import { integerOf, KNOB_ANNOTATION } from '../knobs/knob-annotation.ts';
import type { Action } from '../policies/action.ts';
import { expandPath, isRecord, valueAt } from '../workload/kube-object.ts';
import { findKind } from '../workload/workload-kinds.ts';
import type { PlanItem } from './plan-item.ts';

/** Where a patch may set knobs: on the workload itself and on its pod templates. */
const placesOf = (item: PlanItem): unknown[] => {
  const kind = findKind(item.kind, item.apiVersion);
  const paths = [[], ...(kind?.templates ?? []).flatMap((path) => expandPath(item.patch, path))];
  return paths.map((path) => valueAt(item.patch, [...path, 'metadata', 'annotations']));
};

/**
 * The actions that a plan item stands for, for a plan that comes from outside and has to keep the same limits. A knob
 * stands under the first chord of the catalog that lists it. A value that is no integer stays text; null, which removes
 * the knob, is no action.
 */
export const actionsOfPlan = (item: PlanItem, catalog: ChordCatalog): Action[] => {
  const targets = new Map<string, number | string>();
  for (const annotations of placesOf(item)) {
    if (!isRecord(annotations)) continue;
    for (const [key, value] of Object.entries(annotations)) {
      if (!key.startsWith(KNOB_ANNOTATION) || value === null) continue;
      targets.set(key.slice(KNOB_ANNOTATION.length), integerOf(value) ?? String(value));
    }
  }
  return [...targets].map(([knob, target]) => ({
    knob,
    target,
    reason: 'external_plan',
    chord: catalog.chords.find((chord) => chord.knobs_touched.includes(knob))?.id ?? '',
  }));
};
