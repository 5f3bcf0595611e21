import type { ApproverKey } from '@holdfast/contracts';
import type { Statement } from '@holdfast/store';
import type { IdentityContext } from './identity-parts.ts';

/** Keys with which decisions are signed, durable. None is ever deleted, so that none is registered twice. */
export interface KeyStore {
  find(id: string): Promise<ApproverKey | undefined>;
  list(principal: string | undefined): Promise<ApproverKey[]>;
  /** Fails with STORE_CONSTRAINT when this public key was registered before, by whomever. */
  insert(key: ApproverKey): Statement;
  /** Fails with WRITE_CONFLICT when the key does not wait for it any more. */
  confirm(id: string, by: string): Statement;
  /** Fails with WRITE_CONFLICT when it was revoked before. */
  revoke(id: string, at: string): Statement;
  revokeAll(principal: string, at: string): Statement;
}

const COLUMNS = 'id, principal, public_key, state, created_at, confirmed_by, revoked_at';

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
  insert: (key) => ({
    sql: `INSERT INTO approver_keys (id, principal, public_key, state, created_at)
      VALUES (?, ?, ?, ?, ?)`,
    params: [key.id, key.principal, key.public_key, key.state, key.created_at],
  }),
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
