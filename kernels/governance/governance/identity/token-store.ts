import type { AccessToken } from '@holdfast/contracts';
import type { Statement } from '@holdfast/store';
import type { IdentityContext } from './identity-parts.ts';

/** A token as it is kept: `digest` is the SHA-256 (hex) of its secret. */
export interface StoredToken {
  readonly record: AccessToken;
  readonly digest: string;
}

/** Tokens and sessions, durable. */
export interface TokenStore {
  find(id: string): Promise<StoredToken | undefined>;
  /** Newest first, at most a thousand; those of everybody when nobody is named. */
  list(principal: string | undefined): Promise<AccessToken[]>;
  /** Who made a token, who made the one that it was made with, and so on: ids, each once. */
  makers(id: string): Promise<string[]>;
  /** `parent`: the token with which it was made; its end is the end of this one too, see `revokeFamily`. */
  insert(token: StoredToken, parent: string | undefined): Statement[];
  /** Fails with WRITE_CONFLICT when a principal has MOST_TOKENS that are good; sessions do not count. */
  hasRoom(principal: string): Statement;
  /** Whether that is so. */
  isFull(principal: string): Promise<boolean>;
  /** Fails with WRITE_CONFLICT when it is not good any more. */
  stillGood(id: string): Statement;
  /** Ends a token alone. Fails with WRITE_CONFLICT when it was ended before. */
  revoke(id: string, at: string): Statement;
  /** Ends a token and what was made with it, and with that, for whomever. */
  revokeFamily(id: string, at: string): Statement;
  /** Ends all of a principal, each with its family. */
  revokeAll(principal: string, at: string): Statement;
}

interface Row extends Omit<AccessToken, 'scopes'> {
  readonly scopes: string;
  readonly digest: string;
}

const COLUMNS =
  'id, principal, digest, label, scopes, type, created_by, created_at, expires_at, revoked_at';
const MOST_LISTED = 1_000;
export const MOST_TOKENS = 200;
/** What is over is kept that long, for those who ask what there was. */
const KEEP_MS = 90 * 24 * 60 * 60 * 1_000;

const COUNT_GOOD = `SELECT COUNT(*) FROM access_tokens
  WHERE principal = ? AND type = 'token' AND revoked_at IS NULL AND expires_at > ?`;

/** `first`: which tokens the families begin with. */
const endFamilies = (first: string): string =>
  `UPDATE access_tokens SET revoked_at = ? WHERE revoked_at IS NULL AND id IN (
    WITH RECURSIVE family(id) AS (
      SELECT id FROM access_tokens WHERE ${first}
      UNION SELECT child.id FROM access_tokens child JOIN family ON child.parent = family.id
    ) SELECT id FROM family)`;

const tokenOf = ({ digest, scopes, ...rest }: Row): StoredToken => ({
  record: { ...rest, scopes: JSON.parse(scopes) as string[] },
  digest,
});

export const createTokenStore = ({ store, clock }: IdentityContext): TokenStore => ({
  async find(id) {
    const rows = await store.read<Row>(`SELECT ${COLUMNS} FROM access_tokens WHERE id = ?`, [id]);
    return rows[0] && tokenOf(rows[0]);
  },
  async list(principal) {
    const [where, params] =
      principal === undefined ? ['', []] : ['WHERE principal = ?', [principal]];
    const rows = await store.read<Row>(
      `SELECT ${COLUMNS} FROM access_tokens ${where} ORDER BY created_at DESC, id LIMIT ${MOST_LISTED}`,
      params,
    );
    return rows.map((row) => tokenOf(row).record);
  },
  async makers(id) {
    const rows = await store.read<{ maker: string }>(
      `WITH RECURSIVE line(id, parent, created_by) AS (
        SELECT id, parent, created_by FROM access_tokens WHERE id = ?
        UNION SELECT older.id, older.parent, older.created_by FROM access_tokens older
          JOIN line ON older.id = line.parent
      ) SELECT DISTINCT created_by AS maker FROM line ORDER BY maker`,
      [id],
    );
    return rows.map(({ maker }) => maker);
  },
  hasRoom: (principal) => ({
    sql: `UPDATE identity_revision SET id = id WHERE id = 1 AND (${COUNT_GOOD}) < ${MOST_TOKENS}`,
    params: [principal, clock.iso()],
    expect: 1,
  }),
  async isFull(principal) {
    const [row] = await store.read<{ is_full: number }>(
      `SELECT (${COUNT_GOOD}) >= ${MOST_TOKENS} AS is_full`,
      [principal, clock.iso()],
    );
    return Boolean(row!.is_full);
  },
  insert: ({ record, digest }, parent) => [
    {
      sql: 'DELETE FROM access_tokens WHERE expires_at < ?',
      params: [new Date(clock.now() - KEEP_MS).toISOString()],
    },
    {
      sql: `INSERT INTO access_tokens (id, principal, digest, label, scopes, type, parent,
        created_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      params: [
        record.id,
        record.principal,
        digest,
        record.label,
        JSON.stringify(record.scopes),
        record.type,
        parent ?? null,
        record.created_by,
        record.created_at,
        record.expires_at,
      ],
    },
  ],
  stillGood: (id) => ({
    sql: 'UPDATE access_tokens SET type = type WHERE id = ? AND revoked_at IS NULL',
    params: [id],
    expect: 1,
  }),
  revoke: (id, at) => ({
    sql: 'UPDATE access_tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL',
    params: [at, id],
    expect: 1,
  }),
  revokeFamily: (id, at) => ({ sql: endFamilies('id = ?'), params: [at, id] }),
  revokeAll: (principal, at) => ({ sql: endFamilies('principal = ?'), params: [at, principal] }),
});
