import { createHash } from 'node:crypto';
import { tripwireSet } from '@holdfast/change';
import {
  EVENT_TYPES,
  HoldfastError,
  TRIPWIRE_PHASES,
  targetKey,
  type TripwireCase,
  type TripwireHit,
  type TripwirePhase,
} from '@holdfast/contracts';
import { canonicalize } from '@holdfast/merkle';
import type { EventDraft } from '@holdfast/sdk';
import { isStoreError, type Statement } from '@holdfast/store';
import { ENGINE } from '../change-events.ts';
import type { ChangeRecord } from '../change-record.ts';
import type { Alongside } from '../change-store.ts';
import type { GovernanceContext } from '../context.ts';
import type { ScopedFreezes } from '../freezes/scoped-freezes.ts';

/** Activations of tripwires: each goes through its phases in order, one durable write each. */
export interface TripwireCases {
  /**
   * For the write that blocks a change: its target (and an author that is no person) freeze in that same write. Where a
   * case of the same author, rules and target is open, it is counted there. The write fails with WRITE_CONFLICT when
   * such a case was opened, released or counted meanwhile.
   */
  open(record: ChangeRecord, hits: readonly TripwireHit[]): Promise<Alongside>;
  /** Goes on with every case that has not been through all phases. Never rejects. */
  kick(): void;
  find(id: string): Promise<TripwireCase>;
  list(state: string | undefined, before: number | undefined, limit: number): Promise<CaseRow[]>;
  count(state: string | undefined): Promise<number>;
  /** Writes a case as changed, guarded by its version. */
  put(row: CaseRow, next: TripwireCase, also: Alongside): Promise<void>;
  row(id: string): Promise<CaseRow>;
  ended(): Promise<void>;
}

export interface CaseRow {
  readonly seq: number;
  readonly version: number;
  readonly one: TripwireCase;
}

interface StoredCase {
  readonly seq: number;
  readonly version: number;
  readonly body: string;
}

const RETRY_MS = 1_000;

const unrepeated = (at: string) => ({ repeats: 0, last_seen_at: at });

const EVENT_OF: Readonly<Record<TripwirePhase, string>> = {
  frozen: EVENT_TYPES.tripwireFrozen,
  isolated: EVENT_TYPES.tripwireIsolated,
  alerted: EVENT_TYPES.tripwireAlert,
  recorded: EVENT_TYPES.tripwireRecorded,
  quorum: EVENT_TYPES.tripwireQuorum,
};

const eventOf = (one: TripwireCase, data: object, type = EVENT_OF[one.phase]): EventDraft => ({
  type,
  subject: `tripwires/${one.id}`,
  actor: ENGINE,
  priority: 'critical',
  ...(one.change === null ? {} : { correlation: one.change }),
  data: {
    case: one.id,
    change: one.change,
    author: one.author,
    rules: one.hits.map(({ rule }) => rule),
    evidence: one.evidence,
    ...data,
  },
});

/** Who touched which rules on what. */
const subjectOf = ({ change }: ChangeRecord, hits: readonly TripwireHit[]): string => {
  const rules = [...new Set(hits.map(({ rule }) => rule))].toSorted();
  return JSON.stringify([change.proposed_by, rules, targetKey(change.target)]);
};

/** What was looked at, by its SHA-256. */
const evidenceOf = ({ change }: ChangeRecord, hits: readonly TripwireHit[]): string => {
  const seen = {
    change: change.id,
    intent: change.intent,
    plan_hash: change.plan?.hash ?? null,
    author: change.proposed_by,
    hits,
    rules: tripwireSet().digest,
  };
  return createHash('sha256').update(canonicalize(seen)).digest('hex');
};

export const createTripwireCases = (
  context: GovernanceContext,
  freezes: ScopedFreezes,
): TripwireCases => {
  const { store, clock, ids, log, signal } = context;
  let running = Promise.resolve();

  const parse = ({ seq, version, body }: StoredCase): CaseRow => {
    const one = JSON.parse(body) as TripwireCase;
    // A case of an earlier version was never counted again.
    return { seq, version, one: { ...unrepeated(one.opened_at), ...one } };
  };

  const update = (row: CaseRow, next: TripwireCase): Statement => ({
    sql: `UPDATE tripwire_cases SET state = ?, settled = ?, version = version + 1, body = ?
      WHERE id = ? AND version = ?`,
    params: [
      next.state,
      next.phase === 'quorum' ? 1 : 0,
      JSON.stringify(next),
      next.id,
      row.version,
    ],
    expect: 1,
  });

  /** What each phase says beside its event; the freeze itself was part of the write that opened the case. */
  const saying = (phase: TripwirePhase, one: TripwireCase): object => {
    if (phase === 'isolated') return { scopes: one.scopes };
    if (phase === 'alerted')
      return { summary: one.hits.map(({ rule, detail }) => `${rule}: ${detail}`).join('; ') };
    if (phase === 'recorded') return { hits: one.hits, rules_digest: tripwireSet().digest };
    return { needed: one.needed };
  };

  const nextPhase = async (row: CaseRow): Promise<void> => {
    const phase = TRIPWIRE_PHASES[TRIPWIRE_PHASES.indexOf(row.one.phase) + 1]!;
    const next: TripwireCase = { ...row.one, phase };
    await context
      .commit([update(row, next)], [eventOf(next, saying(phase, next))])
      .catch((error: unknown) => {
        // Somebody signed for its release meanwhile: the case is looked at again.
        if (!isStoreError(error, 'WRITE_CONFLICT')) throw error;
      });
  };

  const settle = async (): Promise<void> => {
    while (!signal.aborted) {
      const [oldest] = await store.read<StoredCase>(
        'SELECT seq, version, body FROM tripwire_cases WHERE settled = 0 ORDER BY seq LIMIT 1',
      );
      if (!oldest) return;
      await nextPhase(parse(oldest));
    }
  };

  const settleOrRetry = async (): Promise<void> => {
    try {
      await settle();
    } catch (error) {
      if (signal.aborted) return;
      log.error({ err: error }, 'activating a tripwire failed; it goes on in a moment');
      void clock.sleep(RETRY_MS, signal).then(kick);
    }
  };

  const kick = (): void => {
    running = running.then(settleOrRetry);
  };

  const row = async (id: string): Promise<CaseRow> => {
    const rows = await store.read<StoredCase>(
      'SELECT seq, version, body FROM tripwire_cases WHERE id = ?',
      [id],
    );
    if (!rows[0]) throw new HoldfastError('tripwire_case_not_found', { id });
    return parse(rows[0]);
  };

  const openNew = (
    { change, notes }: ChangeRecord,
    hits: readonly TripwireHit[],
    seen: { readonly subject: string; readonly evidence: string },
  ): Alongside => {
    const isPerson = notes.author.kind === 'human';
    const scopes = [
      `target:${targetKey(change.target)}`,
      ...(isPerson ? [] : [`author:${change.proposed_by}`]),
    ];
    const at = clock.iso();
    const one: TripwireCase = {
      id: ids('trp'),
      change: change.id,
      author: change.proposed_by,
      scopes,
      hits: [...hits],
      evidence: seen.evidence,
      phase: 'frozen',
      state: 'open',
      releases: [],
      needed: Math.max(1, context.config.classes.covenant.approvals),
      opened_at: at,
      ...unrepeated(at),
      released_at: null,
    };
    const insert: Statement = {
      sql: `INSERT INTO tripwire_cases (id, state, settled, version, body, subject)
        SELECT ?, ?, 0, 1, ?, ? WHERE NOT EXISTS
          (SELECT 1 FROM tripwire_cases WHERE subject = ? AND state = 'open')`,
      params: [one.id, one.state, JSON.stringify(one), seen.subject, seen.subject],
      expect: 1,
    };
    const reason = hits.map(({ rule }) => rule).join(', ');
    return {
      statements: [insert, ...scopes.map((scope) => freezes.hold(scope, reason, one.id))],
      events: [eventOf(one, { scopes })],
    };
  };

  /** What holds its target holds it already. */
  const countAgain = (before: CaseRow, { change }: ChangeRecord, evidence: string): Alongside => {
    const { one } = before;
    const next = { ...one, repeats: one.repeats + 1, last_seen_at: clock.iso() };
    const data = { change: change.id, evidence, repeats: next.repeats };
    return {
      statements: [update(before, next)],
      events: [eventOf(next, data, EVENT_TYPES.tripwireRepeated)],
    };
  };

  return {
    async open(record, hits) {
      const hard = hits.filter(({ level }) => level === 'hard');
      if (hard.length === 0) return {};
      const subject = subjectOf(record, hard);
      const evidence = evidenceOf(record, hard);
      const [found] = await store.read<StoredCase>(
        "SELECT seq, version, body FROM tripwire_cases WHERE subject = ? AND state = 'open'",
        [subject],
      );
      return found
        ? countAgain(parse(found), record, evidence)
        : openNew(record, hard, { subject, evidence });
    },
    kick,
    find: async (id) => (await row(id)).one,
    row,
    async list(state, before, limit) {
      const rows = await store.read<StoredCase>(
        `SELECT seq, version, body FROM tripwire_cases WHERE seq < ? AND (state = ? OR ? = '')
          ORDER BY seq DESC LIMIT ?`,
        [before ?? Number.MAX_SAFE_INTEGER, state ?? '', state ?? '', limit],
      );
      return rows.map(parse);
    },
    async count(state) {
      const [counted] = await store.read<{ n: number }>(
        "SELECT COUNT(*) AS n FROM tripwire_cases WHERE state = ? OR ? = ''",
        [state ?? '', state ?? ''],
      );
      return counted?.n ?? 0;
    },
    async put(before, next, also) {
      await context.commit([update(before, next), ...(also.statements ?? [])], also.events ?? []);
    },
    ended: () => running,
  };
};
