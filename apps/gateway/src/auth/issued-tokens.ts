import { hash } from 'node:crypto';
import { HoldfastError } from '@holdfast/contracts';
import { systemClock } from '@holdfast/sdk';
import type { GovernanceLine } from './governance-line.ts';
import { createHeldCalls } from './held-calls.ts';
import { createIdentity, type Identity } from './identity.ts';
import { createIdentityFollower } from './identity-follower.ts';
import type { IssuedIdentity, IssuedToken } from './issued-identity.ts';
import { createRateLimiter } from './rate-limiter.ts';
import { createWorkQueue } from './work-queue.ts';

/** Tokens and sessions that governance issued: asked for once, then remembered until something changes. */
export interface IssuedTokens {
  /** Whom a token belongs to, when that is known. */
  known(key: string): Identity | undefined;
  /**
   * Asks governance. Rejects with forbidden for a wrong token, kernel_unavailable when there is no answer. undefined,
   * without asking, when too many unknown ones came from there or too many wait.
   */
  ask(token: IssuedToken, from: string): Promise<Identity> | undefined;
  /** See HeldCalls; does nothing for an identity that did not come from here. */
  hold(identity: Identity, cut: () => void): () => void;
  close(): void;
}

export interface IssuedTokensOptions {
  readonly line: Pick<GovernanceLine, 'introspect' | 'revision'>;
  /** The secret of this start, for the identities. */
  readonly secret: string;
  /** How many processes share the callers. */
  readonly share: number;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

const MAX_KNOWN = 10_000;
const TRIES_PER_SECOND = 5;
const TRIES_BURST = 30;
const MAX_ADDRESSES = 10_000;
const ASKED = { running: 8, waiting: 256 };

export const createIssuedTokens = (options: IssuedTokensOptions): IssuedTokens => {
  const { line, secret, share, now = () => performance.now() } = options;
  const tries = createRateLimiter({
    perSecond: Math.ceil(TRIES_PER_SECOND / share),
    burst: Math.ceil(TRIES_BURST / share),
    maxKeys: MAX_ADDRESSES,
    now,
  });
  const queue = createWorkQueue(ASKED);
  /** Oldest first. One that is not good until it is asked for again stays here: to send it is not a guess. */
  const found = new Map<string, IssuedIdentity>();
  const good = new Set<string>();
  const origins = new WeakMap<Identity, IssuedIdentity>();

  const introspect = async (token: IssuedToken): Promise<IssuedIdentity | undefined> => {
    const answer = await line.introspect(token.id, hash('sha256', token.secret, 'hex'));
    if (answer === undefined) return undefined;
    const identity = createIdentity(secret, answer.principal);
    const issued = { token, identity, expiresAt: answer.expiresAt };
    origins.set(identity, issued);
    return issued;
  };

  const held = createHeldCalls(introspect);

  const follower = createIdentityFollower({
    line,
    now,
    sleep: systemClock.sleep,
    onChange() {
      good.clear();
      held.cutExpired();
      held.checkAll();
    },
    onSame() {
      held.cutExpired();
      held.checkUnchecked();
    },
  });

  const forget = (key: string): void => {
    found.delete(key);
    good.delete(key);
  };

  const remember = (issued: IssuedIdentity): void => {
    const { key } = issued.token;
    forget(key);
    const [oldest] = found.keys();
    if (found.size >= MAX_KNOWN) forget(oldest!);
    found.set(key, issued);
  };

  const look = async (token: IssuedToken): Promise<Identity> => {
    follower.start();
    const asOf = follower.generation();
    const issued = await introspect(token).catch((cause: unknown) => {
      throw new HoldfastError('kernel_unavailable', { kernel: 'governance' }, { cause });
    });
    if (issued === undefined) {
      forget(token.key);
      throw new HoldfastError('forbidden', { detail: 'the token is not valid' });
    }
    remember(issued);
    if (follower.generation() === asOf) good.add(token.key);
    return issued.identity;
  };

  return {
    known(key) {
      const issued = good.has(key) ? found.get(key) : undefined;
      if (issued === undefined || !follower.isSure()) return undefined;
      if (Date.now() < issued.expiresAt) return issued.identity;
      forget(key);
      return undefined;
    },
    ask(token, from) {
      if (!found.has(token.key) && !tries.take(from)) return undefined;
      return queue.run(() => look(token));
    },
    hold(identity, cut) {
      const origin = origins.get(identity);
      if (origin === undefined) return () => {};
      const letGo = held.hold(origin, cut);
      // Something changed while it was asked for: nobody else would look again.
      if (!good.has(origin.token.key)) held.checkAll();
      return letGo;
    },
    close: () => follower.close(),
  };
};
