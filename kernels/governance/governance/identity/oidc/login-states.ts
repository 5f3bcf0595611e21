import { createHash } from 'node:crypto';
import { isStoreError } from '@holdfast/store';
import type { IdentityContext } from '../identity-parts.ts';
import type { LoginSecrets } from './oidc-client.ts';

export const LOGIN_TTL_S = 600;
/** Anybody may begin a login: beyond so many the oldest makes room. */
const MOST_STATES = 10_000;

export interface BegunLogin extends LoginSecrets {
  readonly redirect_uri: string;
}

/** Logins that were begun, durable: each can be ended once, within ten minutes. */
export interface LoginStates {
  put(login: BegunLogin): Promise<void>;
  /** Takes it out; undefined when there is none, it was taken before or its time is over. */
  take(state: string): Promise<BegunLogin | undefined>;
}

interface Row {
  readonly verifier: string;
  readonly nonce: string;
  readonly redirect_uri: string;
  readonly expires_at: number;
}

const digestOf = (state: string): string => createHash('sha256').update(state).digest('hex');

export const createLoginStates = ({ store, clock }: IdentityContext): LoginStates => ({
  async put({ state, verifier, nonce, redirect_uri }) {
    await store.write([
      { sql: 'DELETE FROM login_states WHERE expires_at <= ?', params: [clock.now()] },
      {
        sql: `INSERT INTO login_states (digest, verifier, nonce, redirect_uri, expires_at)
          VALUES (?, ?, ?, ?, ?)`,
        params: [digestOf(state), verifier, nonce, redirect_uri, clock.now() + LOGIN_TTL_S * 1_000],
      },
      {
        sql: 'DELETE FROM login_states WHERE seq <= (SELECT MAX(seq) FROM login_states) - ?',
        params: [MOST_STATES],
      },
    ]);
  },
  async take(state) {
    const digest = digestOf(state);
    const [row] = await store.read<Row>(
      'SELECT verifier, nonce, redirect_uri, expires_at FROM login_states WHERE digest = ?',
      [digest],
    );
    if (row === undefined) return undefined;
    try {
      await store.write([
        { sql: 'DELETE FROM login_states WHERE digest = ?', params: [digest], expect: 1 },
      ]);
    } catch (error) {
      if (isStoreError(error, 'WRITE_CONFLICT')) return undefined;
      throw error;
    }
    const { expires_at, ...login } = row;
    return expires_at > clock.now() ? { state, ...login } : undefined;
  },
});
