import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TokenRecord } from '@holdfast/contracts';
import { HoldfastError } from '@holdfast/contracts';
import { readIfPresent, writePrivateFile } from './private-file.ts';
import { createTokenRecord, matchesTokenRecord } from '@holdfast/sdk/process';
import { tokenWeakness } from './token-strength.ts';

/** What a start knows of the owner's token. */
export interface Credentials {
  /** Only on the start that made it up: to be shown once. */
  readonly newToken?: string;
  /** The hashed records for the gateway. Hashing runs beside the rest of the start. */
  readonly auth: Promise<TokenRecord[]>;
  /** Nobody can tell the CLI the token: `credentials.json` is away, and only the hash is kept. */
  readonly tokenUnknown: boolean;
}

interface Options {
  readonly home: string;
  readonly url: string;
  readonly adminToken?: string;
}

const OWNER = { id: 'owner', role: 'owner' } as const;

const parseJson = (text: string | undefined): unknown => {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isTokenRecord = (value: unknown): value is TokenRecord => {
  const record = value as Partial<Record<keyof TokenRecord, unknown>> | null;
  return (
    ['id', 'role', 'salt', 'hash'].every((key) => typeof record?.[key as 'id'] === 'string') &&
    /^[0-9a-f]{64}$/.test(String(record?.hash))
  );
};

/** A damaged auth.json is refused and not replaced: it may hold more than the owner. */
const readAuth = async (path: string): Promise<TokenRecord[] | undefined> => {
  const text = await readIfPresent(path);
  if (text === undefined) return undefined;
  const tokens = (parseJson(text) as { tokens?: unknown } | undefined)?.tokens;
  if (Array.isArray(tokens) && tokens.length > 0 && tokens.every(isTokenRecord)) return tokens;
  throw new HoldfastError('config_invalid', {
    kernel: 'guardian',
    detail: 'auth.json: expected {"tokens": [...]} with at least one record',
  });
};

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

/**
 * Settles the owner token of a home: ADMIN_TOKEN, or the token of an earlier start, or on the first start a new one.
 * `credentials.json` follows for the CLI; `auth.json` keeps only salt and hash. A hash costs about 50 ms, so it is made
 * only when there is none or the token changed. On a change `auth.json` is removed first: a start that is cut off in
 * between leaves nothing that contradicts `credentials.json`. Throws admin_token_weak or config_invalid.
 */
export const settleCredentials = async (options: Options): Promise<Credentials> => {
  const { home, url, adminToken } = options;
  const weakness = adminToken === undefined ? undefined : tokenWeakness(adminToken);
  if (weakness !== undefined) throw new HoldfastError('admin_token_weak', { detail: weakness });
  const authPath = join(home, 'auth.json');
  const credentialsPath = join(home, 'credentials.json');
  const [records, before] = await Promise.all([readAuth(authPath), readIfPresent(credentialsPath)]);
  const stored = (parseJson(before) as { token?: unknown } | undefined)?.token;
  const known = typeof stored === 'string' && stored !== '' ? stored : undefined;
  const newToken =
    adminToken === undefined && known === undefined && records === undefined
      ? `hf_${randomBytes(32).toString('base64url')}`
      : undefined;
  const token = adminToken ?? known ?? newToken;

  const owner = records?.find((record) => record.id === OWNER.id);
  const mustCheck = adminToken !== undefined && adminToken !== known;
  const unchanged =
    owner !== undefined && (!mustCheck || (await matchesTokenRecord(adminToken, owner)));
  if (!unchanged) await rm(authPath, { force: true });
  const content = json({ url, token });
  if (token !== undefined && content !== before) {
    await writePrivateFile(credentialsPath, content, { durable: true });
  }
  const makeAuth = async (): Promise<TokenRecord[]> => {
    const others = (records ?? []).filter((record) => record.id !== OWNER.id);
    const next = [await createTokenRecord(token ?? '', OWNER), ...others];
    await writePrivateFile(authPath, json({ tokens: next }), { durable: true });
    return next;
  };
  const auth = unchanged ? Promise.resolve(records ?? []) : makeAuth();
  auth.catch(() => {});
  return { newToken, auth, tokenUnknown: token === undefined };
};
