import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import {
  HoldfastError,
  PRINCIPAL_HEADER,
  SECRET_HEADER,
  kernelPrincipal,
  principalSchema,
  type Principal,
} from '@holdfast/contracts';
import type { TokenCheck } from './bearer-auth.ts';

export const encodePrincipal = (principal: Principal): string =>
  Buffer.from(JSON.stringify(principal)).toString('base64url');

const decodePrincipal = (text: string): Principal => {
  try {
    return principalSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch (cause) {
    throw new HoldfastError('unauthenticated', {}, { cause });
  }
};

const sameText = (a: string, b: string): boolean => {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
};

/** Headers of a call from one process of the stack to another, in the name of a principal. */
export const internalHeaders = (secret: string, principal: Principal): Record<string, string> => ({
  [SECRET_HEADER]: secret,
  [PRINCIPAL_HEADER]: encodePrincipal(principal),
});

/**
 * The principal of an internal call. Refuses with unauthenticated unless the caller knows the secret of this start;
 * undefined when an `anyone` operation was called through the gateway without a token.
 */
export const authenticateInternal = (
  request: IncomingMessage,
  secret: string,
): Principal | undefined => {
  const given = request.headers[SECRET_HEADER];
  if (typeof given !== 'string' || !sameText(given, secret))
    throw new HoldfastError('unauthenticated');
  const principal = request.headers[PRINCIPAL_HEADER];
  return typeof principal === 'string' ? decodePrincipal(principal) : undefined;
};

const BEARER = /^Bearer +(\S+) *$/i;

/**
 * The principal of a call to a kernel's own port: one from within the stack knows its secret; anyone else shows a token
 * (RFC 6750 section 2.1), which `check` looks up. A wrong secret is never made good by a token, and the principal that
 * comes with a secret counts for nothing without it.
 */
export const authenticateCaller = (
  request: IncomingMessage,
  secret: string,
  check?: TokenCheck,
): Principal | undefined | Promise<Principal> => {
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
  if (request.headers[SECRET_HEADER] !== undefined || token === undefined || check === undefined)
    return authenticateInternal(request, secret);
  return check(token);
};

export const anonymous: Principal = { id: 'anonymous', kind: 'human', role: 'viewer' };

export const internalPrincipal = (kernel: string): Principal => kernelPrincipal(kernel);
