import { createHash, randomBytes } from 'node:crypto';
import type { AccessToken } from '@holdfast/contracts';
import type { StoredToken } from './token-store.ts';

const ID_BYTES = 12;
const SECRET_BYTES = 32;

export const digestOfSecret = (secret: string): string =>
  createHash('sha256').update(secret).digest('hex');

/** A new token (see TOKEN_PATTERN), and what is kept of it. */
export const issueToken = (
  about: Omit<AccessToken, 'id' | 'revoked_at'>,
): { readonly token: string; readonly stored: StoredToken } => {
  const id = randomBytes(ID_BYTES).toString('hex');
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return {
    token: `hft_${id}_${secret}`,
    stored: { record: { id, ...about, revoked_at: null }, digest: digestOfSecret(secret) },
  };
};
