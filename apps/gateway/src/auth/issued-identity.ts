import type { Identity } from './identity.ts';

/** A token that governance issued, taken apart. `key` stands for it in memory: see createTokenChecker. */
export interface IssuedToken {
  readonly id: string;
  readonly secret: string;
  readonly key: string;
}

/** Whom it belongs to. */
export interface IssuedIdentity {
  readonly token: IssuedToken;
  readonly identity: Identity;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}
