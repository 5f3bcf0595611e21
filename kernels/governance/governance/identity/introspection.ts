import { timingSafeEqual } from 'node:crypto';
import {
  HoldfastError,
  type identityOps,
  type OpParsed,
  type Principal,
} from '@holdfast/contracts';
import type { Call } from '@holdfast/sdk';
import type { IdentityParts } from './identity-parts.ts';

type Ops = typeof identityOps;

const isSame = (given: string, kept: string): boolean => {
  const left = Buffer.from(given, 'latin1');
  const right = Buffer.from(kept, 'latin1');
  return left.length === right.length && timingSafeEqual(left, right);
};

/** Answers the gateway's questions. Every reason why a token is not good reads the same. */
export const introspectionHandlers = ({
  context,
  principals,
  tokens,
  revision,
}: IdentityParts) => ({
  async introspectToken({ id, digest }: OpParsed<Ops['introspectToken']>) {
    const wrong = new HoldfastError('forbidden', { detail: 'the token is not valid' });
    const found = await tokens.find(id);
    if (found === undefined || !isSame(digest, found.digest)) throw wrong;
    const { record } = found;
    const isOver = Date.parse(record.expires_at) <= context.clock.now();
    if (record.revoked_at !== null || isOver) throw wrong;
    const subject = await principals.subject(record.principal);
    if (subject === undefined || subject.state !== 'active') throw wrong;
    const principal: Principal = {
      id: subject.id,
      kind: subject.kind,
      role: subject.role,
      ...(record.scopes.includes('*') ? {} : { scopes: record.scopes }),
      token: record.id,
    };
    return { principal, expires_at: record.expires_at };
  },
  getIdentityRevision: async (
    { after, wait_ms }: OpParsed<Ops['getIdentityRevision']>,
    { signal }: Call,
  ) => ({ revision: await revision.read(after, wait_ms, signal) }),
});
