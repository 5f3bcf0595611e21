import type { ApproverKey } from '@holdfast/contracts';
import type { Statement } from '@holdfast/store';
import type { IdentityContext } from './identity-parts.ts';

/** Keys with which decisions are signed, durable. None is ever deleted, so that none is registered twice. */
export interface KeyStore {
  find(id: string): Promise<ApproverKey | undefined>;
  list(principal: string | undefined): Promise<ApproverKey[]>;
  /** Who made the token that a key was registered with (ids), without its holder. */
  makers(id: string): Promise<string[]>;
  /** Fails with STORE_CONSTRAINT when this public key was registered before, by whomever. */
  insert(key: ApproverKey, makers: readonly string[]): Statement;
  /** Fails with WRITE_CONFLICT when a principal has MOST_KEYS that are not revoked. */
  hasRoom(principal: string): Statement;
  /** Whether that is so. */
  isFull(principal: string): Promise<boolean>;
  /** Fails with WRITE_CONFLICT when the key does not wait for it any more. */
  confirm(id: string, by: string): Statement;
  /** Fails with WRITE_CONFLICT when it was revoked before. */
  revoke(id: string, at: string): Statement;
  revokeAll(principal: string, at: string): Statement;
}

const COLUMNS = 'id, principal, public_key, state, created_at, confirmed_by, revoked_at';

export const MOST_KEYS = 20;
const COUNT_KEPT = "SELECT COUNT(*) FROM approver_keys WHERE principal = ? AND state <> 'revoked'";

export const createKeyStore = ({ store }: IdentityContext): KeyStore => ({
  async find(id) {
    const [row] = await store.read<ApproverKey>(
      `SELECT ${COLUMNS} FROM approver_keys WHERE id = ?`,
      [id],
    );
    return row;
  },
  list(principal) {
    const [where, params] =
      principal === undefined ? ['', []] : ['WHERE principal = ?', [principal]];
    return store.read<ApproverKey>(
      `SELECT ${COLUMNS} FROM approver_keys ${where} ORDER BY created_at, id`,
      params,
    );
  },
  async makers(id) {
    const [row] = await store.read<{ makers: string }>(
      'SELECT makers FROM approver_keys WHERE id = ?',
      [id],
    );
    return row === undefined ? [] : (JSON.parse(row.makers) as string[]);
  },
  insert: (key, makers) => ({
    sql: `INSERT INTO approver_keys (id, principal, public_key, state, created_at, makers)
      VALUES (?, ?, ?, ?, ?, ?)`,
    params: [
      key.id,
      key.principal,
      key.public_key,
      key.state,
      key.created_at,
      JSON.stringify(makers),
    ],
  }),
  hasRoom: (principal) => ({
    sql: `UPDATE identity_revision SET id = id WHERE id = 1 AND (${COUNT_KEPT}) < ${MOST_KEYS}`,
    params: [principal],
    expect: 1,
  }),
  async isFull(principal) {
    const [row] = await store.read<{ is_full: number }>(
      `SELECT (${COUNT_KEPT}) >= ${MOST_KEYS} AS is_full`,
      [principal],
    );
    return Boolean(row!.is_full);
  },
  confirm: (id, by) => ({
    sql: `UPDATE approver_keys SET state = 'active', confirmed_by = ?
      WHERE id = ? AND state = 'pending'`,
    params: [by, id],
    expect: 1,
  }),
  revoke: (id, at) => ({
    sql: `UPDATE approver_keys SET state = 'revoked', revoked_at = ?
      WHERE id = ? AND state <> 'revoked'`,
    params: [at, id],
    expect: 1,
  }),
  revokeAll: (principal, at) => ({
    sql: `UPDATE approver_keys SET state = 'revoked', revoked_at = ?
      WHERE principal = ? AND state <> 'revoked'`,
    params: [at, principal],
  }),
});
