import { PlanError, readPlan, type PlanItem } from '@holdfast/tuning';
import { readJson } from '../artifacts/read-json.ts';

/** Why a plan cannot be used, as the explain log names it. */
export interface PlanProblem {
  readonly kind: 'not_found' | 'invalid_json' | 'invalid_shape' | 'invalid_item';
  readonly index?: number;
  readonly detail: string;
}

export type LoadedPlan =
  | { readonly items: readonly PlanItem[]; readonly problem?: undefined }
  | { readonly items?: undefined; readonly problem: PlanProblem };

/** Reads a plan file. `forms`: `list` takes a list only, `any` also `{items: [...]}` and one object. */
export const loadPlan = (path: string, forms: 'list' | 'any'): LoadedPlan => {
  const read = readJson(path);
  if (read.failure !== undefined) return { problem: read.failure };
  try {
    return { items: readPlan(read.value, forms) };
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    const { kind, index, message } = error;
    const detail = `${path}: ${message}`;
    return { problem: { kind, detail, ...(index === undefined ? {} : { index }) } };
  }
};

/** The one value that all items share, `mixed` where they differ, null where there is none. */
const shared = (values: readonly string[]): string | null =>
  new Set(values).size > 1 ? 'mixed' : (values[0] ?? null);

/** The fields by which reports name a plan. */
export const planFacts = (path: string, items: readonly PlanItem[]) => ({
  k8s_plan_path: path,
  k8s_plan_items: items.length,
  k8s_namespace: shared(items.map(({ namespace }) => namespace)),
  k8s_deployment: shared(items.map(({ name }) => name)),
  objects: items.map(({ kind, namespace, name }) => ({ kind, namespace, name })),
});
