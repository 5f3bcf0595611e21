import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { EVENT_TYPES, HoldfastError } from '@holdfast/contracts';
import type { EventDraft } from '@holdfast/sdk';
import type { Statement, Store } from '@holdfast/store';

export const TOKEN_TTL_MS = 15 * 60 * 1000;
const TOKEN_BYTES = 32;

/** What a token stands for: an alias for the new host, or a host that was registered before. */
export interface EnrolmentGrant {
  readonly alias: string | null;
  readonly host: string | null;
  readonly created_by: string;
}

export interface IssuedToken {
  readonly token: string;
  readonly expires_at: string;
  readonly statements: Statement[];
  /** Who may enrol, until when, and by whose word; never the token. */
  readonly event: EventDraft;
}

interface TokenRow extends EnrolmentGrant {
  readonly hash: string;
  readonly expires_ms: number;
  readonly used_ms: number | null;
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Makes a token; only its SHA-256 is ever stored. Tokens that ran out a day ago are forgotten on the way. */
export const issueToken = (grant: EnrolmentGrant, nowMs: number): IssuedToken => {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const expiresMs = nowMs + TOKEN_TTL_MS;
  const expires_at = new Date(expiresMs).toISOString();
  const { alias, host, created_by } = grant;
  return {
    token,
    expires_at,
    event: {
      type: EVENT_TYPES.enrolmentCreated,
      subject: host ?? alias ?? 'enrolments',
      actor: created_by,
      data: { alias, host_id: host, created_by, expires_at },
    },
    statements: [
      { sql: 'DELETE FROM enrolments WHERE expires_ms < ?', params: [nowMs - 86_400_000] },
      {
        sql: 'INSERT INTO enrolments (hash, alias, host, created_by, expires_ms) VALUES (?, ?, ?, ?, ?)',
        params: [hashOf(token), grant.alias, grant.host, grant.created_by, expiresMs],
      },
    ],
  };
};

/**
 * Looks a token up and answers its grant with the statement that spends it, which fails with WRITE_CONFLICT when
 * another caller was faster. Throws enrolment_invalid, enrolment_used, enrolment_expired.
 */
export const redeemToken = async (
  store: Store,
  token: string,
  nowMs: number,
): Promise<{ grant: EnrolmentGrant; spend: Statement }> => {
  const hash = hashOf(token);
  const [row] = await store.read<TokenRow>(
    'SELECT hash, alias, host, created_by, expires_ms, used_ms FROM enrolments WHERE hash = ?',
    [hash],
  );
  if (!row || !timingSafeEqual(Buffer.from(row.hash), Buffer.from(hash)))
    throw new HoldfastError('enrolment_invalid');
  if (row.used_ms !== null) throw new HoldfastError('enrolment_used');
  if (row.expires_ms <= nowMs) {
    const expires_at = new Date(row.expires_ms).toISOString();
    throw new HoldfastError('enrolment_expired', { expires_at });
  }
  return {
    grant: row,
    spend: {
      sql: 'UPDATE enrolments SET used_ms = ? WHERE hash = ? AND used_ms IS NULL',
      params: [nowMs, hash],
      expect: 1,
    },
  };
};
