import type { CedarEntity, CedarFacts } from './cedar-facts.ts';

/** A reference to an entity. */
export class EntityRef {
  readonly type: string;
  readonly id: string;

  constructor(type: string, id: string) {
    this.type = type;
    this.id = id;
  }

  is({ type, id }: { readonly type: string; readonly id: string }): boolean {
    return this.id === id && this.type === type;
  }
}

/** What an expression can be worth: the types of the policy language without its extensions. */
export type Value = boolean | number | string | EntityRef | readonly Value[] | RecordValue;
export interface RecordValue {
  readonly [attribute: string]: Value;
}

/** An expression that has no value: a statement with one is not satisfied, and says why. */
export class EvaluationError extends Error {}

export const isRecord = (value: Value): value is RecordValue =>
  typeof value === 'object' && !Array.isArray(value) && !(value instanceof EntityRef);

export const isSet = (value: Value): value is readonly Value[] => Array.isArray(value);

/** Sets are equal when each holds what the other holds; values of two types are never equal. */
export const isEqual = (a: Value, b: Value): boolean => {
  if (a instanceof EntityRef) return b instanceof EntityRef && a.is(b);
  if (isSet(a)) return isSet(b) && a.every((one) => has(b, one)) && b.every((one) => has(a, one));
  if (typeof a !== 'object') return a === b;
  if (typeof b !== 'object' || isSet(b) || b instanceof EntityRef) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isEqual((a as RecordValue)[name]!, b[name]!))
  );
};

export const has = (set: readonly Value[], value: Value): boolean =>
  set.some((one) => isEqual(one, value));

/** The entity of a question that a reference means. There are no others. */
export const entityOf = (facts: CedarFacts, ref: EntityRef): CedarEntity | undefined =>
  [facts.principal, facts.action, facts.resource].find((one) => ref.is(one));

/** Whether an entity is another one or in it. */
export const isWithin = (facts: CedarFacts, ref: EntityRef, group: EntityRef): boolean =>
  ref.is(group) || (entityOf(facts, ref)?.within.some((one) => group.is(one)) ?? false);
