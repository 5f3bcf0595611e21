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
  /** For the write that blocks a change: its target (and an author that is no person) freeze in that same write. */
  open(record: ChangeRecord, hits: readonly TripwireHit[]): Alongside;
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

const EVENT_OF: Readonly<Record<TripwirePhase, string>> = {
  frozen: EVENT_TYPES.tripwireFrozen,
  isolated: EVENT_TYPES.tripwireIsolated,
  alerted: EVENT_TYPES.tripwireAlert,
  recorded: EVENT_TYPES.tripwireRecorded,
  quorum: EVENT_TYPES.tripwireQuorum,
};

const eventOf = (one: TripwireCase, data: object): EventDraft => ({
  type: EVENT_OF[one.phase],
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

export const createTripwireCases = (
  context: GovernanceContext,
  freezes: ScopedFreezes,
): TripwireCases => {
  const { store, clock, ids, log, signal } = context;
  let running = Promise.resolve();

  const parse = (row: StoredCase): CaseRow => ({
    seq: row.seq,
    version: row.version,
    one: JSON.parse(row.body) as TripwireCase,
  });

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

  return {
    open({ change, notes }, hits) {
      const hard = hits.filter(({ level }) => level === 'hard');
      if (hard.length === 0) return {};
      const isPerson = notes.author.kind === 'human';
      const scopes = [
        `target:${targetKey(change.target)}`,
        ...(isPerson ? [] : [`author:${change.proposed_by}`]),
      ];
      const seen = {
        change: change.id,
        intent: change.intent,
        plan_hash: change.plan?.hash ?? null,
        author: change.proposed_by,
        hits: hard,
        rules: tripwireSet().digest,
      };
      const one: TripwireCase = {
        id: ids('trp'),
        change: change.id,
        author: change.proposed_by,
        scopes,
        hits: hard,
        evidence: createHash('sha256').update(canonicalize(seen)).digest('hex'),
        phase: 'frozen',
        state: 'open',
        releases: [],
        needed: Math.max(1, context.config.classes.covenant.approvals),
        opened_at: clock.iso(),
        released_at: null,
      };
      const insert: Statement = {
        sql: `INSERT INTO tripwire_cases (id, state, settled, version, body) VALUES (?, ?, 0, 1, ?)`,
        params: [one.id, one.state, JSON.stringify(one)],
      };
      const reason = hard.map(({ rule }) => rule).join(', ');
      return {
        statements: [insert, ...scopes.map((scope) => freezes.hold(scope, reason, one.id))],
        events: [eventOf(one, { scopes })],
      };
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
