import { ROLES, type PolicyRequest } from '@holdfast/contracts';
import type { CompiledSet } from '../cedar/compiled-set.ts';
import { leadingTests } from '../cedar/conditions.ts';
import { uidText, type CedarStatement } from '../cedar/statement.ts';
import { createTurns } from '../turns.ts';

const AUTHOR = 'Author::';

/** People that the head or the first conditions of a statement name. */
const namedBy = ({ json }: CedarStatement): string[] => {
  const { principal, conditions } = json;
  const head = 'entity' in principal ? uidText(principal.entity) : '';
  const ids = leadingTests(conditions).flatMap(({ place, attribute, values }) =>
    place === 'principal' && attribute === 'id' ? (values ?? []) : [],
  );
  return [...(head.startsWith(AUTHOR) ? [head.slice(AUTHOR.length)] : []), ...ids.map(String)];
};

const requestOf = (id: string, role: string, at: string): PolicyRequest => ({
  change: 'a-later-one',
  kind: 'policy',
  owner: 'policy_engine',
  class: 'covenant',
  target: { policy: 'set' },
  risk: 'high',
  undo: false,
  automatic: false,
  steps: [
    {
      driver: 'policy_engine',
      action: 'policy.set',
      movement: 'configure',
      major: false,
      toward_baseline: false,
    },
  ],
  author: { id, kind: 'human', role },
  host: null,
  at,
});

const HOUR_MS = 3_600_000;
const HOURS_A_WEEK = 168;
const OWNER = 'owner';
/** Names beside the owner's that are asked for. */
const MAX_NAMES = 50;
/** Statements that are looked at, in all: who needs more to show a way back has to write plainer policies. */
const MAX_LOOKS = 500_000;

/** Now, and every hour of the week from now: policies may forbid changes at night. */
const moments = (at: string): string[] =>
  Array.from({ length: HOURS_A_WEEK }, (_, hours) =>
    new Date(Date.parse(at) + hours * HOUR_MS).toISOString(),
  );

const people = (set: CompiledSet): [id: string, role: string][] => {
  const permits = set.statements.filter(({ effect }) => effect === 'permit');
  const names = [...new Set(permits.flatMap(namedBy))].filter((name) => name !== OWNER);
  return [OWNER, ...names.slice(0, MAX_NAMES)].flatMap((id) =>
    ROLES.toReversed().map((role): [string, string] => [id, role]),
  );
};

const isAllowed = (set: CompiledSet, request: PolicyRequest): boolean => {
  const { permits, forbids, errors } = set.judge(request);
  return permits.length > 0 && forbids.length === 0 && errors.length === 0;
};

/**
 * Whether some person could still change the policies once these are in force, at some hour of the week: the owner, or
 * one of the first that permits name. No more is looked at than can be in a moment, and other work has its turn.
 */
export const canBeChangedAgain = async (set: CompiledSet, at: string): Promise<boolean> => {
  const turn = createTurns();
  const statements = Math.max(1, set.statements.length);
  let left = Math.max(HOURS_A_WEEK, Math.floor(MAX_LOOKS / statements));
  for (const [id, role] of people(set))
    for (const moment of moments(at)) {
      if ((left -= 1) < 0) return false;
      await turn(statements);
      if (isAllowed(set, requestOf(id, role, moment))) return true;
    }
  return false;
};
