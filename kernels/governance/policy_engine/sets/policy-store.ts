import { createHash } from 'node:crypto';
import type { PolicyFile, PolicyRevision } from '@holdfast/contracts';
import { canonicalize } from '@holdfast/merkle';
import type { Statement, Store } from '@holdfast/store';
import type { CompiledSet } from '../cedar/compiled-set.ts';
import { SCHEMAS } from '../cedar/schema.ts';
import type { CedarStatement } from '../cedar/statement.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Names parser and schemas: what another one parsed is parsed and checked again. */
const PARSER = sha256(canonicalize(['cedar-wasm 4, 2', SCHEMAS]));

interface SetRow {
  checksum: string;
  files: string;
  parsed: string;
  parsed_by: string;
  parsed_sum: string;
}

interface RevisionRow {
  revision: number;
  checksum: string;
  change_id: string | null;
  defaults_of: string | null;
  applied_at: string;
  files: string;
  statements: number;
}

export type Revision = PolicyRevision & {
  /** The profile whose shipped defaults these are; null for what somebody applied. */
  readonly defaults_of: string | null;
};

/** A stored set. `statements` is undefined where they have to be parsed again. */
export interface StoredSet {
  readonly files: readonly PolicyFile[];
  readonly statements: readonly CedarStatement[] | undefined;
}

/** Sets by checksum, and which was in force when. */
export interface PolicyStore {
  latest(): Promise<Revision | undefined>;
  revision(revision: number): Promise<Revision | undefined>;
  revisions(limit: number): Promise<Revision[]>;
  /** Undefined where there is none, or where its bytes are not those of its checksum. */
  find(checksum: string): Promise<StoredSet | undefined>;
  save(set: CompiledSet, principal: string, at: string): Statement;
  /** Sets that a principal was the first to stage since then (RFC 3339 UTC). */
  stagedSince(principal: string, since: string): Promise<number>;
  /** Drops all but the newest of those that were never in force. */
  dropOldDrafts(kept: number): Statement;
  /** Refused with WRITE_CONFLICT or STORE_CONSTRAINT when somebody made this revision meanwhile. */
  add(revision: Omit<Revision, 'files' | 'statements'>): Statement;
}

const SELECT = `SELECT r.revision, r.checksum, r.change_id, r.defaults_of, r.applied_at, s.files, s.statements
  FROM policy_revisions r JOIN policy_sets s ON s.checksum = r.checksum`;

const NEVER_APPLIED = 'checksum NOT IN (SELECT checksum FROM policy_revisions)';

const namesIn = (files: string): string[] => {
  try {
    return (JSON.parse(files) as PolicyFile[]).map(({ name }) => name).toSorted();
  } catch {
    return [];
  }
};

const revisionOf = (row: RevisionRow): Revision => ({
  revision: row.revision,
  checksum: row.checksum,
  files: namesIn(row.files),
  statements: row.statements,
  change: row.change_id,
  applied_at: row.applied_at,
  defaults_of: row.defaults_of,
});

/** What a row holds, where it is what its checksum says. */
const setOf = (row: SetRow, checksumOf: (files: readonly PolicyFile[]) => string) => {
  try {
    const files = JSON.parse(row.files) as PolicyFile[];
    if (checksumOf(files) !== row.checksum) return undefined;
    const isOurs = row.parsed_by === PARSER && sha256(row.parsed) === row.parsed_sum;
    return {
      files,
      statements: isOurs ? (JSON.parse(row.parsed) as CedarStatement[]) : undefined,
    };
  } catch {
    return undefined;
  }
};

export const createPolicyStore = (
  store: Store,
  checksumOf: (files: readonly PolicyFile[]) => string,
): PolicyStore => {
  const one = async (sql: string, params: readonly (string | number)[]) => {
    const [row] = await store.read<RevisionRow>(sql, params);
    return row && revisionOf(row);
  };
  return {
    latest: () => one(`${SELECT} ORDER BY r.revision DESC LIMIT 1`, []),
    revision: (revision) => one(`${SELECT} WHERE r.revision = ?`, [revision]),
    async revisions(limit) {
      const rows = await store.read<RevisionRow>(`${SELECT} ORDER BY r.revision DESC LIMIT ?`, [
        limit,
      ]);
      return rows.map(revisionOf);
    },
    async find(checksum) {
      const [row] = await store.read<SetRow>(
        'SELECT checksum, files, parsed, parsed_by, parsed_sum FROM policy_sets WHERE checksum = ?',
        [checksum],
      );
      return row && setOf(row, checksumOf);
    },
    save({ checksum, files, statements }, principal, at) {
      const parsed = JSON.stringify(statements);
      return {
        sql: `INSERT INTO policy_sets
            (checksum, files, parsed, parsed_by, parsed_sum, statements, staged_by, staged_at)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (checksum) DO UPDATE SET files = excluded.files, parsed = excluded.parsed,
            parsed_by = excluded.parsed_by, parsed_sum = excluded.parsed_sum`,
        params: [
          checksum,
          JSON.stringify(files),
          parsed,
          PARSER,
          sha256(parsed),
          statements.length,
          principal,
          at,
        ],
      };
    },
    async stagedSince(principal, since) {
      const [row] = await store.read<{ n: number }>(
        'SELECT COUNT(*) AS n FROM policy_sets WHERE staged_by = ? AND staged_at > ?',
        [principal, since],
      );
      return row?.n ?? 0;
    },
    dropOldDrafts: (kept) => ({
      sql: `DELETE FROM policy_sets WHERE ${NEVER_APPLIED} AND checksum NOT IN (
        SELECT checksum FROM policy_sets WHERE ${NEVER_APPLIED} ORDER BY staged_at DESC, checksum LIMIT ?)`,
      params: [kept],
    }),
    add: ({ revision, checksum, change, defaults_of, applied_at }) => ({
      sql: `INSERT INTO policy_revisions (revision, checksum, change_id, defaults_of, applied_at)
        VALUES (?, ?, ?, ?, ?)`,
      params: [revision, checksum, change, defaults_of, applied_at],
    }),
  };
};
