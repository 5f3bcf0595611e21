import { squeeze, wordsOf } from './plain-text.ts';
import { firstOf, type Check, type Rule, type TripwireFacts } from './tripwire-facts.ts';

const MAX_DEPTH = 3;
const MAX_CREATED = 64;
const MAX_CREATED_AN_HOUR = 16;
/** How many things one change of a machine may bring into being. */
const MAX_CREATED_BY_CHANGE = 16;

const isMachine = ({ author }: TripwireFacts): boolean => author.kind !== 'human';

/** Not a number, and negative ones, are as bad as too many. */
const isWithinBound = (value: number, bound: number): boolean => value >= 0 && value <= bound;

const bounded =
  (read: 'depth' | 'created' | 'created_last_hour', bound: number, words: string): Check =>
  ({ facts: { lineage, author } }) =>
    lineage === undefined || isWithinBound(lineage[read], bound)
      ? undefined
      : `${author.id} ${words} (${lineage[read]}, the bound is ${bound})`;

const rights: Check = ({ facts: { lineage, author } }) => {
  if (lineage?.parent_rights === undefined) return undefined;
  const { parent_rights } = lineage;
  const more = lineage.rights.find((right) => !parent_rights.includes(right));
  return more === undefined ? undefined : `${author.id} has ${more}, which its parent has not`;
};

const overseers: Check = ({ facts }) =>
  isMachine(facts) && facts.change.kind === 'quorum'
    ? `${facts.author.id} is a machine and would choose who oversees it`
    : undefined;

const MAKING = ['create', 'add', 'issue', 'register', 'grant', 'mint', 'enrol', 'propose', 'spawn'];
const ACCESS = [
  ...['principal', 'principals', 'token', 'tokens', 'key', 'keys', 'voter', 'voters', 'role'],
];
const THINGS = [...ACCESS, 'change', 'changes', 'unit', 'units', 'kernel', 'kernels', 'agent'];

/** Names like `create_token`, `propose.change`, `issueKey`. */
const makes = (name: string, things: readonly string[]): boolean => {
  const words = wordsOf(name);
  return words.some((word) => MAKING.includes(word)) && words.some((word) => things.includes(word));
};

const makings = (
  { facts, look }: Parameters<Check>[0],
  things: readonly string[],
): { where: string; count: number }[] => [
  ...(facts.plan?.steps ?? [])
    .filter((step) => makes(`${step.do.driver} ${step.do.action}`, things))
    .map(({ key }) => ({ where: `step ${key}`, count: 1 })),
  ...look.all
    .filter(({ name }) => makes(name, things))
    .map(({ where, value }) => ({ where, count: Array.isArray(value) ? value.length : 1 })),
];

const access: Check = (seen) => {
  if (!isMachine(seen.facts)) return undefined;
  const [first] = makings(seen, ACCESS);
  const { id } = seen.facts.author;
  return first && `${first.where}: ${id} is a machine and would grant access`;
};

const swarm: Check = (seen) => {
  if (!isMachine(seen.facts)) return undefined;
  const made = makings(seen, THINGS).reduce((sum, { count }) => sum + count, 0);
  const { id } = seen.facts.author;
  return made > MAX_CREATED_BY_CHANGE
    ? `${id} would bring ${made} things into being, the bound is ${MAX_CREATED_BY_CHANGE}`
    : undefined;
};

/** A machine that asks for its own bound or review to be lifted. */
const unbounded: Check = ({ facts, look }) =>
  isMachine(facts)
    ? firstOf(look.all, ({ where, key }) =>
        ['maxaichangesperhour', 'maxdepth', 'maxcreated'].includes(squeeze(key))
          ? `${where}: ${facts.author.id} is a machine and would set its own bound`
          : undefined,
      )
    : undefined;

export const t06Lineage: Rule = {
  id: 'T6',
  title: 'no recursive goals without oversight',
  level: 'hard',
  interdictions: {
    [`units_deeper_than_${MAX_DEPTH}`]: bounded('depth', MAX_DEPTH, 'is made too deep'),
    [`more_than_${MAX_CREATED}_units_by_one`]: bounded('created', MAX_CREATED, 'made too many'),
    [`more_than_${MAX_CREATED_AN_HOUR}_units_an_hour_by_one`]: bounded(
      'created_last_hour',
      MAX_CREATED_AN_HOUR,
      'makes others too fast',
    ),
    rights_beyond_those_of_the_parent: rights,
    machines_that_choose_their_overseers: overseers,
    machines_that_grant_access: access,
    machines_that_set_their_own_bounds: unbounded,
    [`more_than_${MAX_CREATED_BY_CHANGE}_things_made_by_one_change_of_a_machine`]: swarm,
  },
};
