import { canonicalize } from '@holdfast/merkle';
import { findKind } from '../workload/workload-kinds.ts';
import { isNamespaceName, isObjectName } from './object-name.ts';
import { PlanError } from './plan-error.ts';
import type { PlanItem } from './plan-item.ts';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (item: Record<string, unknown>, field: string, index: number): string => {
  const value = item[field];
  if (typeof value !== 'string' || value.trim() === '')
    throw new PlanError(
      'invalid_item',
      `item ${index}: ${field} must be text that is not blank`,
      index,
    );
  return value;
};

const kindOf = (item: Record<string, unknown>, index: number) => {
  const { kind = 'Deployment', apiVersion } = item;
  const found = typeof kind === 'string' ? findKind(kind, apiVersion) : undefined;
  if (found === undefined)
    throw new PlanError('invalid_item', `item ${index}: not a kind that can be patched`, index);
  return { apiVersion: found.apiVersion, kind: found.kind };
};

const patchOf = (item: Record<string, unknown>, index: number): Record<string, unknown> => {
  const patch = item['patch'] ?? {};
  if (!isRecord(patch))
    throw new PlanError('invalid_item', `item ${index}: patch must be an object`, index);
  try {
    canonicalize(patch);
  } catch {
    throw new PlanError('invalid_item', `item ${index}: patch is not well-formed JSON`, index);
  }
  return patch;
};

const readItem = (value: unknown, index: number): PlanItem => {
  if (!isRecord(value))
    throw new PlanError('invalid_item', `item ${index}: an item must be an object`, index);
  const namespace = textOf(value, 'namespace', index);
  const name = textOf(value, 'name', index);
  if (!isNamespaceName(namespace) || !isObjectName(name))
    throw new PlanError('invalid_item', `item ${index}: not a name that Kubernetes takes`, index);
  const reason = value['reason'];
  return {
    ...kindOf(value, index),
    namespace,
    name,
    ...(typeof reason === 'string' ? { reason } : {}),
    patch: patchOf(value, index),
  };
};

const listOf = (json: unknown, forms: 'list' | 'any'): readonly unknown[] => {
  if (Array.isArray(json)) return json;
  if (forms === 'any' && isRecord(json)) {
    if (!Object.hasOwn(json, 'items')) return [json];
    if (Array.isArray(json['items'])) return json['items'];
  }
  const asked = forms === 'list' ? 'a list of items' : 'a list, an object with items, or one item';
  throw new PlanError('invalid_shape', `a plan must be ${asked}`);
};

/**
 * Reads a parsed plan document. `list` takes a list of items only; `any` also `{ items: [...] }` and a single item. An
 * item without kind is a Deployment of apps/v1, one without patch changes nothing. Throws PlanError.
 */
export const readPlan = (json: unknown, forms: 'list' | 'any'): PlanItem[] =>
  listOf(json, forms).map(readItem);
