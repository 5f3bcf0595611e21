import { HoldfastError } from '@holdfast/contracts';
import type { Identity } from './identity.ts';
import type { Caller, TokenChecker } from './token-checker.ts';

const BEARER = /^Bearer +(\S+) *$/i;

/** The caller by its Authorization field (RFC 6750 section 2.1). Fails with unauthenticated when there is no token. */
export const authenticate = (
  checker: TokenChecker,
  authorization: string | undefined,
  caller: Caller,
): Identity | Promise<Identity> => {
  const token = authorization === undefined ? null : BEARER.exec(authorization);
  if (token === null) throw new HoldfastError('unauthenticated');
  return checker.check(token[1]!, caller);
};
