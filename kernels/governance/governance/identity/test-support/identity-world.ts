import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import {
  defineApi,
  identityOps,
  isHoldfastError,
  keyStatement,
  kernelPrincipal,
  TOKEN_PATTERN,
  type Principal,
} from '@holdfast/contracts';
import { defineKernel } from '@holdfast/sdk';
import { createWorld, type World, type WorldOptions } from '@holdfast/testkit';
import * as z from 'zod';
import { createIdentity, type Identity } from '../identity.ts';
import { identityMigrations } from '../identity-migrations.ts';
import type { IdentityContext } from '../identity-parts.ts';

const api = defineApi({ kernel: 'governance', ops: identityOps });

export const owner: Principal = { id: 'owner', kind: 'human', role: 'owner' };
export const human = (id: string, role: 'viewer' | 'operator' | 'admin'): Principal => ({
  id,
  kind: 'human',
  role,
});
const gateway = kernelPrincipal('gateway');

/** A kernel that has nothing but identities, on a real store. */
export const createIdentityWorld = async (options: Partial<WorldOptions> = {}) => {
  let identity: Identity | undefined;
  const kernel = defineKernel({
    id: 'governance',
    api,
    config: { schema: z.strictObject({}), fromProfile: () => ({}) },
    needs: {},
    subscribes: [],
    migrations: identityMigrations,
    async init(context) {
      identity = createIdentity(context as unknown as IdentityContext);
      return { handlers: identity.handlers };
    },
  });
  const world: World = await createWorld({ kernels: [kernel], ...options });
  const as = (principal: Principal) => world.client(api, principal);
  return {
    world,
    identity: identity!,
    as,
    owner: as(owner),
    gateway: as(gateway),
    /** Adds somebody; they make calls by the answer. */
    async add(
      id: string,
      role: 'viewer' | 'operator' | 'admin',
      kind: 'human' | 'ai' = 'human',
    ): Promise<Principal> {
      await as(owner).createPrincipal({ id, role, kind });
      return { id, kind, role };
    },
    /** The principal of a token as the gateway would pass it on. Rejects as introspection does. */
    async who(token: string): Promise<Principal> {
      const [, id, secret] = TOKEN_PATTERN.exec(token)!;
      const digest = createHash('sha256').update(secret!).digest('hex');
      return (await as(gateway).introspectToken({ id: id!, digest })).principal;
    },
  };
};

export type IdentityWorld = Awaited<ReturnType<typeof createIdentityWorld>>;

export interface SigningKey {
  readonly public_key: string;
  readonly privateKey: KeyObject;
  proofFor(principal: string): string;
}

export const makeKey = (): SigningKey => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const public_key = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url').toString(
    'base64',
  );
  return {
    public_key,
    privateKey,
    proofFor: (principal) =>
      sign(null, Buffer.from(keyStatement(principal, public_key)), privateKey).toString('base64'),
  };
};

/** The code with which a call is refused. */
export const refusal = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
  } catch (error) {
    if (isHoldfastError(error)) return error.code;
    throw error;
  }
  return 'not refused';
};
