import { ROLES, type PolicyRequest } from '@holdfast/contracts';
import type { CompiledSet } from '../cedar/compiled-set.ts';
import { leadingTests } from '../cedar/conditions.ts';
import { uidText, type CedarStatement } from '../cedar/statement.ts';

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

/** Now, and every hour of the week from now: policies may forbid changes at night. */
const moments = (at: string): string[] =>
  Array.from({ length: HOURS_A_WEEK }, (_, hours) =>
    new Date(Date.parse(at) + hours * HOUR_MS).toISOString(),
  );

/**
 * Whether some person could still change the policies once these are in force, at some hour of the week: the owner, or
 * somebody they name.
 */
export const canBeChangedAgain = (set: CompiledSet, at: string): boolean => {
  const people = ['owner', ...new Set(set.statements.flatMap(namedBy))];
  return moments(at).some((moment) =>
    people.some((id) =>
      ROLES.some((role) => {
        const { permits, forbids, errors } = set.judge(requestOf(id, role, moment));
        return permits.length > 0 && forbids.length === 0 && errors.length === 0;
      }),
    ),
  );
};
