import type { Clause, Expr } from '@cedar-policy/cedar-wasm/nodejs';
import type { CedarFacts } from './cedar-facts.ts';
import { AUTHOR, CHANGE, HOST, MOMENT } from './schema.ts';

type Literal = string | number | boolean;
type Place = 'principal' | 'resource' | 'context';

/** A test of one attribute against literals that can be made without the evaluator and never fails. */
export interface AttributeTest {
  readonly place: Place;
  readonly attribute: string;
  /** The values that pass where they can be listed: what an index can look up. */
  readonly values: readonly Literal[] | undefined;
  passes(value: unknown): boolean;
}

type Node = Readonly<Record<string, unknown>>;

type Scalar = 'String' | 'Long' | 'Boolean';
const SCALARS: readonly string[] = ['String', 'Long', 'Boolean'] satisfies Scalar[];

/** The type of an attribute that is always there and holds one literal, so that reading it never fails. */
const scalarOf = (place: Place, attribute: string): Scalar | undefined => {
  const shapes: readonly Readonly<Record<string, { readonly type: string }>>[] =
    place === 'principal' ? [AUTHOR] : place === 'context' ? [MOMENT] : [CHANGE, HOST];
  const shape = shapes.find((one) => Object.hasOwn(one, attribute));
  const type = shape?.[attribute]?.type;
  return type !== undefined && SCALARS.includes(type) ? (type as Scalar) : undefined;
};

const attributeOf = (
  expr: unknown,
  wanted?: Scalar,
): { place: Place; attribute: string } | undefined => {
  const access = (expr as Node)['.'] as { left: Node; attr: string } | undefined;
  const place = access?.left['Var'] as Place | undefined;
  if (access === undefined || place === undefined) return undefined;
  const type = scalarOf(place, access.attr);
  if (type === undefined || (wanted !== undefined && type !== wanted)) return undefined;
  return { place, attribute: access.attr };
};

const literalOf = (expr: unknown): Literal | undefined => {
  const value = (expr as Node)['Value'];
  return ['string', 'number', 'boolean'].includes(typeof value) ? (value as Literal) : undefined;
};

const oneOf = (
  expr: unknown,
  values: readonly Literal[],
  wanted?: Scalar,
): AttributeTest | undefined => {
  const found = attributeOf(expr, wanted);
  return found && { ...found, values, passes: (value) => values.includes(value as Literal) };
};

const COMPARE: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

const comparison = (op: string, left: unknown, right: unknown): AttributeTest | undefined => {
  const found = attributeOf(left, 'Long');
  const limit = literalOf(right);
  if (found === undefined || typeof limit !== 'number') return undefined;
  return {
    ...found,
    values: undefined,
    passes: (value) => COMPARE[op]!(value as number, limit),
  };
};

const testOf = (expr: Expr): AttributeTest | undefined => {
  const [op, body] = Object.entries(expr)[0] as [string, Node];
  if (op === '.') return oneOf(expr, [true], 'Boolean');
  if (op === '!') return oneOf(body['arg'], [false], 'Boolean');
  const { left, right } = body;
  if (op === '==') {
    const literal = literalOf(right) ?? literalOf(left);
    if (literal === undefined) return undefined;
    return oneOf(literalOf(right) === undefined ? right : left, [literal]);
  }
  if (op === 'contains') {
    const set = (left as Node)['Set'] as unknown[] | undefined;
    const values = set?.map(literalOf);
    return values === undefined || values.includes(undefined)
      ? undefined
      : oneOf(right, values as Literal[]);
  }
  return Object.hasOwn(COMPARE, op) ? comparison(op, left, right) : undefined;
};

const conjuncts = (expr: Expr): Expr[] => {
  if (!('&&' in expr)) return [expr];
  const { left, right } = (expr as { '&&': { left: Expr; right: Expr } })['&&'];
  return [...conjuncts(left), ...conjuncts(right)];
};

/**
 * The tests that a policy makes before anything else. Evaluation goes from left to right and stops at the first
 * conjunct that is false, so when one of these does not pass, nothing after it is looked at: the policy is not
 * satisfied and reports no error. The first conjunct that is anything else ends the list.
 */
export const leadingTests = (conditions: readonly Clause[]): AttributeTest[] => {
  const [first] = conditions;
  if (first?.kind !== 'when') return [];
  const tests: AttributeTest[] = [];
  for (const conjunct of conjuncts(first.body)) {
    const test = testOf(conjunct);
    if (test === undefined) break;
    tests.push(test);
  }
  return tests;
};

export const passes = ({ place, attribute, passes: test }: AttributeTest, facts: CedarFacts) =>
  test(place === 'context' ? facts.context[attribute] : facts[place].attrs[attribute]);
