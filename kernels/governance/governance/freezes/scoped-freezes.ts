import {
  CHANGE_KIND_TABLE,
  EVENT_TYPES,
  HoldfastError,
  targetKey,
  type Change,
  type ScopedFreeze,
} from '@holdfast/contracts';
import type { EventDraft } from '@holdfast/sdk';
import { isStoreError, type Statement } from '@holdfast/store';
import type { GovernanceContext } from '../context.ts';

/**
 * Freezes of one host, kind, kernel, target or author. One that somebody set and those of tripwire cases stand beside
 * each other: what one of them holds, lifting another does not let go.
 */
export interface ScopedFreezes {
  list(): Promise<ScopedFreeze[]>;
  /** False when somebody had frozen it before: then the reason and the end are replaced. */
  set(scope: string, reason: string, by: string, until: string | null): Promise<boolean>;
  /**
   * False when nothing held it. Throws tripwire where only a tripwire case holds the scope: that stays until the case is
   * released.
   */
  lift(scope: string, by: string): Promise<boolean>;
  /** What stands against a change, in words, with whether a tripwire said so. */
  against(change: Change): Promise<{ readonly detail: string; readonly tripwire: boolean }[]>;
  /** For the write that opens or releases a tripwire case. */
  hold(scope: string, reason: string, caseId: string): Statement;
  releaseCase(caseId: string): Statement;
}

interface Row {
  readonly scope: string;
  readonly reason: string;
  readonly set_by: string;
  readonly since: string;
  readonly until: string | null;
  readonly tripwire_case: string;
}

/** What stands for the case in a freeze that somebody set. */
const BY_HAND = '';

/** Every scope that a change falls into. */
export const scopesOf = (change: Change): string[] => {
  const owner = change.plan?.owner ?? CHANGE_KIND_TABLE[change.kind].owner;
  return [
    `kind:${change.kind}`,
    `author:${change.proposed_by}`,
    `target:${targetKey(change.target)}`,
    ...(owner === null ? [] : [`kernel:${owner}`]),
    ...Object.entries(change.target).map(([key, value]) => `${key}:${value}`),
  ];
};

const INSERT = `INSERT INTO scoped_freezes (scope, reason, set_by, since, until, tripwire_case)
  VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (scope, tripwire_case) DO UPDATE SET reason = excluded.reason,
    set_by = excluded.set_by, since = excluded.since, until = excluded.until`;

export const createScopedFreezes = (context: GovernanceContext): ScopedFreezes => {
  const { store, clock } = context;

  const rows = async (): Promise<Row[]> => {
    const all = await store.read<Row>('SELECT * FROM scoped_freezes ORDER BY since, scope');
    const now = clock.now();
    return all.filter(({ until }) => until === null || Date.parse(until) > now);
  };

  /** The tripwire cases that hold a scope now; BY_HAND among them where somebody froze it. */
  const heldBy = async (scope: string): Promise<string[]> =>
    (await rows()).filter((row) => row.scope === scope).map(({ tripwire_case }) => tripwire_case);

  const event = (type: string, scope: string, actor: string, data: object): EventDraft => ({
    type,
    subject: `freezes/${scope}`,
    actor,
    priority: 'high',
    data: { scope, ...data },
  });

  return {
    async list() {
      return (await rows()).map(({ scope, reason, set_by, since, until }) => ({
        scope,
        reason,
        by: set_by,
        since,
        until,
      }));
    },
    async set(scope, reason, by, until) {
      const before = await heldBy(scope);
      const params = [scope, reason, by, clock.iso(), until, BY_HAND];
      await context.commit(
        [{ sql: INSERT, params }],
        [event(EVENT_TYPES.scopeFrozen, scope, by, { reason, until })],
      );
      return !before.includes(BY_HAND);
    },
    async lift(scope, by) {
      const holding = await heldBy(scope);
      if (holding.length === 0) return false;
      if (!holding.includes(BY_HAND)) {
        const detail = `${scope} is held by tripwire case ${holding[0]}`;
        throw new HoldfastError('tripwire', { detail });
      }
      const sql = 'DELETE FROM scoped_freezes WHERE scope = ? AND tripwire_case = ?';
      try {
        await context.commit(
          [{ sql, params: [scope, BY_HAND], expect: 1 }],
          [event(EVENT_TYPES.scopeThawed, scope, by, {})],
        );
        return true;
      } catch (error) {
        // Somebody else thawed it first.
        if (isStoreError(error, 'WRITE_CONFLICT')) return false;
        throw error;
      }
    },
    async against(change) {
      const scopes = new Set(scopesOf(change));
      return (await rows())
        .filter(({ scope }) => scopes.has(scope))
        .map(({ scope, reason, set_by, tripwire_case }) => ({
          detail:
            tripwire_case === BY_HAND
              ? `${scope} is frozen by ${set_by}${reason === '' ? '' : `: ${reason}`}`
              : `${scope} is held by tripwire case ${tripwire_case}`,
          tripwire: tripwire_case !== BY_HAND,
        }));
    },
    hold: (scope, reason, caseId) => ({
      sql: INSERT,
      params: [scope, reason, 'kernel:governance', clock.iso(), null, caseId],
    }),
    releaseCase: (caseId) => ({
      sql: 'DELETE FROM scoped_freezes WHERE tripwire_case = ?',
      params: [caseId],
    }),
  };
};
