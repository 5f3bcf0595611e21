import type { EntityUidJson, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { CedarEntity, CedarFacts } from './cedar-facts.ts';
import { leadingTests, passes, type AttributeTest } from './conditions.ts';
import { uidText, type CedarStatement } from './statement.ts';

type Constraint = PolicyJson['principal'] | PolicyJson['action'] | PolicyJson['resource'];
type Place = 'principal' | 'action' | 'resource';

/** One constraint of a head: the entity must be, or be in, one of these; or be of a type. */
interface HeadTest {
  readonly place: Place;
  readonly is: string | undefined;
  readonly equals: string | undefined;
  readonly within: readonly string[] | undefined;
}

interface Entry {
  readonly place: number;
  readonly heads: readonly HeadTest[];
  readonly tests: readonly AttributeTest[];
}

export interface PolicyIndex {
  /**
   * Places of the statements that may be satisfied, growing: those whose head matches and whose leading tests pass. The
   * others are not satisfied and report no error.
   */
  candidates(facts: CedarFacts): readonly number[];
}

interface Named {
  readonly entity?: EntityUidJson;
  readonly entities?: readonly EntityUidJson[];
}

const headTest = (place: Place, constraint: Constraint): HeadTest | undefined => {
  const one = constraint as Named & { op: string; entity_type?: string; in?: Named };
  if (one.op === 'All') return undefined;
  const { entity, entities = [] } = one.in ?? one;
  const texts = [...(entity ? [entity] : []), ...entities].map(uidText);
  const isWithin = one.op === 'in' || one.in !== undefined;
  return {
    place,
    is: one.entity_type,
    equals: one.op === '==' ? texts[0] : undefined,
    within: isWithin ? texts : undefined,
  };
};

/** Every entity that one is in, itself first. */
const reach = ({ type, id, within }: CedarEntity): string[] => [
  `${type}::${id}`,
  ...within.map(uidText),
];

type Reached = Readonly<Record<Place, readonly string[]>>;

const headPasses = (test: HeadTest, facts: CedarFacts, reached: Reached): boolean => {
  const { place, is, equals, within } = test;
  if (is !== undefined && is !== facts[place].type) return false;
  if (equals !== undefined) return equals === reached[place][0];
  return within === undefined || within.some((uid) => reached[place].includes(uid));
};

const attributeKey = (test: AttributeTest): string => `${test.place}.${test.attribute}`;

/** The keys under which an entry is found: one of them is met by every question that the entry can be satisfied by. */
const keysOf = (heads: readonly HeadTest[], tests: readonly AttributeTest[]): string[] => {
  const groups: string[][] = [
    ...heads.flatMap(({ place, equals, within }) => {
      if (equals !== undefined) return [[`${place}=${equals}`]];
      return within === undefined ? [] : [within.map((uid) => `${place}<${uid}`)];
    }),
    ...tests.flatMap((test) =>
      test.values === undefined
        ? []
        : [test.values.map((value) => `${attributeKey(test)}=${value}`)],
    ),
  ];
  return groups.toSorted((a, b) => rank(a) - rank(b))[0] ?? [''];
};

/** Lower finds fewer: one author, host or target, then one kind, then one of several things. */
const rank = ([key = '', ...more]: readonly string[]): number => {
  if (more.length > 0) return 2 + more.length;
  if (/^(action=|resource\.kind=)/.test(key)) return 1;
  return /^((principal|resource)=|principal\.id|resource\.(id|target)=|resource<(Host|Target)::)/.test(
    key,
  )
    ? 0
    : 2;
};

/** An index over the heads of policies and over the attribute tests with which their conditions begin. */
export const createPolicyIndex = (statements: readonly CedarStatement[]): PolicyIndex => {
  const buckets = new Map<string, Entry[]>();
  const indexed = new Map<string, AttributeTest>();
  for (const [place, statement] of statements.entries()) {
    const { principal, action, resource, conditions } = statement.json;
    const heads = [
      headTest('principal', principal),
      headTest('action', action),
      headTest('resource', resource),
    ].filter((test) => test !== undefined);
    const tests = leadingTests(conditions);
    const entry = { place, heads, tests };
    for (const key of new Set(keysOf(heads, tests))) {
      const bucket = buckets.get(key);
      if (bucket) bucket.push(entry);
      else buckets.set(key, [entry]);
    }
    for (const test of tests) indexed.set(attributeKey(test), test);
  }

  const keysOfFacts = (facts: CedarFacts, reached: Reached): string[] => [
    '',
    ...(['principal', 'action', 'resource'] as const).flatMap((place) => [
      `${place}=${reached[place][0]}`,
      ...reached[place].map((uid) => `${place}<${uid}`),
    ]),
    ...[...indexed].map(([key, { place, attribute }]) => {
      const value = place === 'context' ? facts.context[attribute] : facts[place].attrs[attribute];
      return `${key}=${String(value)}`;
    }),
  ];

  return {
    candidates(facts) {
      const reached = {
        principal: reach(facts.principal),
        action: reach(facts.action),
        resource: reach(facts.resource),
      };
      const places = new Set<number>();
      for (const key of keysOfFacts(facts, reached))
        for (const { place, heads, tests } of buckets.get(key) ?? [])
          if (
            heads.every((test) => headPasses(test, facts, reached)) &&
            tests.every((test) => passes(test, facts))
          )
            places.add(place);
      return [...places].toSorted((a, b) => a - b);
    },
  };
};
