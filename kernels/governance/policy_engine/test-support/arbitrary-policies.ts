import { CHANGE_KINDS, RISKS, ROLES, type PolicyRequest } from '@holdfast/contracts';
import * as fc from 'fast-check';

const from = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const quoted = (values: readonly string[]) => from(...values).map((value) => JSON.stringify(value));

const HOSTS = ['box', 'rig', 'pod'];
const AUTHORS = ['ann', 'bob', 'bot'];
const OSES = ['linux', 'windows', 'docker'];
const MOVEMENTS = ['install', 'upgrade', 'remove'];

const entityText = fc.oneof(
  quoted(AUTHORS).map((id) => `Author::${id}`),
  quoted(ROLES).map((id) => `Role::${id}`),
  quoted([...CHANGE_KINDS, 'packages', 'change', 'strange']).map((id) => `Action::${id}`),
  quoted(HOSTS).map((id) => `Host::${id}`),
  quoted(OSES).map((id) => `Os::${id}`),
  quoted(HOSTS.map((id) => `host:${id}`)).map((id) => `Target::${id}`),
  quoted(['chg_1', 'chg_2']).map((id) => `Change::${id}`),
);

const principalHead = fc.oneof(
  from('principal', 'principal is Author', 'principal is Change'),
  quoted(AUTHORS).map((id) => `principal == Author::${id}`),
  quoted(ROLES).map((id) => `principal in Role::${id}`),
);
const kindText = quoted([...CHANGE_KINDS, 'packages', 'change']);
const actionHead = fc.oneof(
  fc.constant('action'),
  kindText.map((id) => `action == Action::${id}`),
  kindText.map((id) => `action in Action::${id}`),
  fc
    .array(kindText, { minLength: 1, maxLength: 3 })
    .map((ids) => `action in [${ids.map((id) => `Action::${id}`).join(', ')}]`),
);
const resourceHead = fc.oneof(
  from('resource', 'resource is Change', 'resource is Host'),
  entityText.map((uid) => `resource == ${uid}`),
  entityText.map((uid) => `resource in ${uid}`),
  quoted(OSES).map((id) => `resource is Change in Os::${id}`),
);

const literal = fc.oneof(
  fc.integer({ min: -2, max: 24 }).map(String),
  from('true', 'false'),
  quoted([...CHANGE_KINDS, ...RISKS, ...MOVEMENTS, 'human', 'ai', 'host:box', 'a*b', 'monday', '']),
);
const attribute = from(
  'principal.id',
  'principal.kind',
  'principal.role',
  'principal.nothing',
  'resource.kind',
  'resource.class',
  'resource.target',
  'resource.risk',
  'resource.risk_level',
  'resource.undo',
  'resource.automatic',
  'resource.major',
  'resource.toward_baseline',
  'resource.steps',
  'resource.movements',
  'resource.nothing',
  'context.hour',
  'context.weekday',
  'context.cpu_percent',
  'context.host_violations',
  'action.id',
);
const sets = fc
  .array(fc.oneof(literal, entityText), { maxLength: 3 })
  .map((all) => `[${all.join(', ')}]`);

/** Expressions of the language, of any type: some are false, some true, some cannot be evaluated. */
const { expression } = fc.letrec<{ expression: string; leaf: string }>((tie) => {
  const one = tie('expression');
  const two = fc.tuple(one, one);
  const binary = (...operators: string[]) =>
    fc.tuple(one, from(...operators), one).map(([a, op, b]) => `(${a} ${op} ${b})`);
  return {
    leaf: fc.oneof(
      { weight: 4, arbitrary: attribute },
      { weight: 3, arbitrary: literal },
      { weight: 1, arbitrary: entityText },
      { weight: 1, arbitrary: sets },
      { weight: 1, arbitrary: from('principal', 'action', 'resource') },
    ),
    expression: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'expression' },
      tie('leaf'),
      binary('==', '!='),
      binary('<', '<=', '>', '>='),
      binary('&&', '||'),
      binary('in'),
      one.map((a) => `!(${a})`),
      two.map(([a, b]) => `(${a}).contains(${b})`),
      two.map(([a, b]) => `(${a}).containsAll(${b})`),
      two.map(([a, b]) => `(${a}).containsAny(${b})`),
      one.map((a) => `(${a}).isEmpty()`),
      fc
        .tuple(one, from('id', 'kind', 'nothing', 'cpu_percent'))
        .map(([a, b]) => `(${a} has ${b})`),
      from('id', 'nothing', 'cpu_percent').map((name) => `(context has ${name})`),
      fc
        .tuple(one, from('*', 'h*', '*x', 'host:*', 'a\\*b', '*o*t*', ''))
        .map(([a, b]) => `(${a} like "${b}")`),
      fc.tuple(one, from('Author', 'Change', 'Role')).map(([a, b]) => `(${a} is ${b})`),
      fc.tuple(one, one, one).map(([a, b, c]) => `(if ${a} then ${b} else ${c})`),
      from('(context.hour + 1 > 12)', '(context.time > datetime("2026-06-01"))'),
    ),
  };
});

/** Conditions of the usual shape, so that a fair share of policies is satisfied. */
const usual = fc.oneof(
  quoted(['human', 'ai', 'kernel']).map((kind) => `principal.kind == ${kind}`),
  quoted(RISKS).map((risk) => `resource.risk == ${risk}`),
  fc.integer({ min: 0, max: 3 }).map((level) => `resource.risk_level <= ${level}`),
  from('resource.undo', '!resource.undo', 'resource.major'),
  quoted(HOSTS.map((id) => `host:${id}`)).map((target) => `resource.target == ${target}`),
  fc
    .array(quoted(RISKS), { minLength: 1, maxLength: 3 })
    .map((all) => `[${all.join(', ')}].contains(resource.risk)`),
);
const condition = fc.oneof(
  { weight: 2, arbitrary: usual },
  { weight: 1, arbitrary: expression },
  {
    weight: 3,
    arbitrary: fc
      .array(fc.oneof(usual, usual, expression), { minLength: 2, maxLength: 4 })
      .map((all) => all.join(' && ')),
  },
);
const clause = fc
  .tuple(from('when', 'when', 'unless'), condition)
  .map(([word, text]) => `${word} { ${text} }`);

/** One statement of a policy file, without an id. */
const statement = fc
  .tuple(
    from('permit', 'forbid'),
    principalHead,
    actionHead,
    resourceHead,
    fc.array(clause, { maxLength: 2 }),
  )
  .map(
    ([effect, principal, action, resource, clauses]) =>
      `${effect} (${principal}, ${action}, ${resource}) ${clauses.join(' ')};`,
  );

/** The text of a policy file that parses, whether or not it fits the schema. */
export const arbitraryPolicyText = (most: number): fc.Arbitrary<string> =>
  fc
    .array(statement, { minLength: 1, maxLength: most })
    .map((all) => all.map((text, at) => `@id("s${at}") ${text}`).join('\n'));

const percent = fc.option(fc.integer({ min: 0, max: 100 }), { nil: null });

export const arbitraryRequest: fc.Arbitrary<PolicyRequest> = fc.record({
  change: from('chg_1', 'chg_2', 'chg_3'),
  kind: from(...CHANGE_KINDS),
  owner: from('infrastructure_manager', 'policy_engine'),
  class: from('standard', 'security', 'covenant'),
  target: from(...HOSTS).map((host) => ({ host })),
  risk: from(...RISKS),
  undo: fc.boolean(),
  automatic: fc.boolean(),
  steps: fc.array(
    fc.record({
      driver: from('pip', 'npm'),
      action: from('packages.apply', 'other'),
      movement: from(...MOVEMENTS),
      major: fc.boolean(),
      toward_baseline: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
  author: fc.record({
    id: from(...AUTHORS),
    kind: from('human', 'ai', 'kernel'),
    role: from(...ROLES, 'kernel'),
  }),
  host: fc.option(
    fc.record({
      id: from(...HOSTS),
      os_type: from(...OSES),
      cpu_percent: percent,
      memory_percent: percent,
      capabilities: fc.subarray(['compute', 'storage', 'network']),
    }),
    { nil: null },
  ),
  at: fc
    .integer({ min: Date.parse('2026-01-01'), max: Date.parse('2026-12-31') })
    .map((ms) => new Date(ms).toISOString()),
});
