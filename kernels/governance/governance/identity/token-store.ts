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
  /** `parent`: the token with which it was made; its end is the end of this one too, see `revokeFamily`. */
  insert(token: StoredToken, parent: string | undefined): Statement[];
  /** Fails with WRITE_CONFLICT when it is not good any more. */
  stillGood(id: string): Statement;
  /** Ends a token alone. Fails with WRITE_CONFLICT when it was ended before. */
  revoke(id: string, at: string): Statement;
  /** Ends a token and what the same principal made with it, and with that. */
  revokeFamily(id: string, at: string): Statement;
  /** Ends all of a principal. */
  revokeAll(principal: string, at: string): Statement;
}

interface Row extends Omit<AccessToken, 'scopes'> {
  readonly scopes: string;
  readonly digest: string;
}

const COLUMNS =
  'id, principal, digest, label, scopes, type, created_by, created_at, expires_at, revoked_at';
const MOST_LISTED = 1_000;
/** What is over is kept that long, for those who ask what there was. */
const KEEP_MS = 90 * 24 * 60 * 60 * 1_000;

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
  revokeFamily: (id, at) => ({
    sql: `UPDATE access_tokens SET revoked_at = ? WHERE revoked_at IS NULL AND id IN (
      WITH RECURSIVE family(id, principal) AS (
        SELECT id, principal FROM access_tokens WHERE id = ?
        UNION SELECT child.id, child.principal FROM access_tokens child
          JOIN family ON child.parent = family.id AND child.principal = family.principal
      ) SELECT id FROM family)`,
    params: [at, id],
  }),
  revokeAll: (principal, at) => ({
    sql: 'UPDATE access_tokens SET revoked_at = ? WHERE principal = ? AND revoked_at IS NULL',
    params: [at, principal],
  }),
});
