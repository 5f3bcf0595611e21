import { hash, randomBytes } from 'node:crypto';
import {
  HoldfastError,
  isHoldfastError,
  TOKEN_PATTERN,
  type TokenRecord,
} from '@holdfast/contracts';
import { matchesTokenRecord } from '@holdfast/sdk/process';
import { addressKey } from '../http/remote-address.ts';
import { createIdentity, type Identity } from './identity.ts';
import type { IssuedTokens } from './issued-tokens.ts';
import { createRateLimiter } from './rate-limiter.ts';
import { createRecentSet } from './recent-set.ts';
import { createWorkQueue } from './work-queue.ts';

/** Where a call came from: its socket. Looked at only for tokens that are not known. */
export interface Caller {
  readonly remoteAddress?: string;
}

export interface TokenChecker {
  /**
   * Who a token belongs to; at once when it was seen before. Fails with forbidden
   * for a wrong token, with rate_limited when too many wrong ones came from there or too many checks wait, with
   * kernel_unavailable when only governance can tell and does not answer.
   */
  check(token: string, caller: Caller): Identity | Promise<Identity>;
}

const MAX_TOKEN_CHARS = 512;
const TRIES_PER_SECOND = 1;
const TRIES_BURST = 10;
const REPEATS_PER_SECOND = 20;
const REPEATS_BURST = 60;
const MAX_ADDRESSES = 10_000;
const FAILURE_KEEP_MS = 60_000;
const MAX_FAILURES = 10_000;
/** Two of libuv's four threads stay free for everything else. */
const CHECKS = { running: 2, waiting: 16 };

const wrong = (): HoldfastError =>
  new HoldfastError('forbidden', { detail: 'the token is not valid' });

/**
 * Checks tokens: the owner's against salted scrypt records, those that governance issued by asking it. Tokens seen before are found by a SHA-256 digest keyed with a secret of this process,
 * never by themselves: what an attacker can choose has no relation to what is compared, so a lookup leaks nothing by
 * its time, and memory holds no token. New tokens cost a hash and are limited per address; repeated wrong ones cost
 * microseconds and have a wider limit of their own, so a forgotten script with an old token locks nobody out.
 * Of `share` processes on one socket each allows its part, rounded up.
 */
export const createTokenChecker = (
  records: readonly TokenRecord[],
  secret: string,
  issued: Pick<IssuedTokens, 'known' | 'ask'>,
  share = 1,
): TokenChecker => {
  const part = (whole: number): number => Math.ceil(whole / share);
  const key = randomBytes(32).toString('hex');
  const identities = new Map(
    records.map((record) => [
      record,
      createIdentity(secret, { id: record.id, kind: 'human', role: record.role }),
    ]),
  );
  // At most one token belongs to a record, so this never holds more entries than there are records.
  const known = new Map<string, Identity>();
  const pending = new Map<string, Promise<Identity>>();
  const failures = createRecentSet({ keepMs: FAILURE_KEEP_MS, maxKeys: MAX_FAILURES });
  const limits = { maxKeys: MAX_ADDRESSES };
  const firstTries = createRateLimiter({
    perSecond: part(TRIES_PER_SECOND),
    burst: part(TRIES_BURST),
    ...limits,
  });
  const repeats = createRateLimiter({
    perSecond: part(REPEATS_PER_SECOND),
    burst: part(REPEATS_BURST),
    ...limits,
  });
  const queue = createWorkQueue(CHECKS);

  const verify = async (token: string, digest: string): Promise<Identity> => {
    for (const [record, identity] of identities) {
      if (!(await matchesTokenRecord(token, record))) continue;
      known.set(digest, identity);
      return identity;
    }
    throw wrong();
  };

  const begin = (
    token: string,
    digest: string,
    form: RegExpExecArray | null,
    from: string,
  ): Promise<Identity> | undefined => {
    if (form !== null) return issued.ask({ id: form[1]!, secret: form[2]!, key: digest }, from);
    return firstTries.take(from) ? queue.run(() => verify(token, digest)) : undefined;
  };

  return {
    check(token, caller) {
      if (token.length > MAX_TOKEN_CHARS) throw wrong();
      const digest = hash('sha256', key + token, 'base64');
      const form = TOKEN_PATTERN.exec(token);
      const identity = form === null ? known.get(digest) : issued.known(digest);
      if (identity !== undefined) return identity;
      const from = addressKey(caller.remoteAddress);
      if (failures.has(digest)) {
        if (repeats.take(from)) throw wrong();
        throw new HoldfastError('rate_limited', { limit: part(REPEATS_PER_SECOND) });
      }
      const running = pending.get(digest);
      if (running !== undefined) return running;
      const checking = begin(token, digest, form, from);
      if (checking === undefined)
        throw new HoldfastError('rate_limited', { limit: part(TRIES_PER_SECOND) });
      pending.set(digest, checking);
      checking
        .catch((error: unknown) => {
          if (isHoldfastError(error, 'forbidden')) failures.add(digest);
        })
        .finally(() => pending.delete(digest));
      return checking;
    },
  };
};
