import { createPublicKey, verify } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyFile, writePrivate } from '@holdfast/client/stack';
import {
  HoldfastError,
  decisionStatement,
  keyStatement,
  type ApproverKey,
} from '@holdfast/contracts';
import type { CliContext } from '../context.ts';
import type { Session } from '../session.ts';
import { signDecision } from './sign-decision.ts';
import { loadSigningKey, putAsideSigningKey } from './signing-key.ts';

const URL_OF_STACK = 'http://127.0.0.1:8000';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-keys-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const contextWith = (env: NodeJS.ProcessEnv, platform: NodeJS.Platform = 'linux'): CliContext =>
  ({
    process: { env, platform, stderr: { write: () => true } },
    home: folder,
    dist: new URL('file:///'),
  }) as unknown as CliContext;
const context = (): CliContext => contextWith({ HOLDFAST_CLI_DIR: folder });
const fileOf = (principal: string): string => keyFile(context(), URL_OF_STACK, principal);

describe('the signing key', () => {
  it('is made once and stays', () => {
    const made = loadSigningKey(context(), URL_OF_STACK, 'ann');
    expect(statSync(made.path).mode & 0o777).toBe(0o600);
    expect(loadSigningKey(context(), URL_OF_STACK, 'ann').public_key).toBe(made.public_key);
    expect(loadSigningKey(context(), URL_OF_STACK, 'bob').public_key).not.toBe(made.public_key);
  });

  it('is put aside, not thrown away', () => {
    const made = loadSigningKey(context(), URL_OF_STACK, 'ann');
    const aside = putAsideSigningKey(context(), URL_OF_STACK, 'ann');
    expect(existsSync(aside!)).toBe(true);
    expect(putAsideSigningKey(context(), URL_OF_STACK, 'ann')).toBeUndefined();
    expect(loadSigningKey(context(), URL_OF_STACK, 'ann').public_key).not.toBe(made.public_key);
  });

  it('is refused when the file holds something else', () => {
    writePrivate(fileOf('ann'), { private_key: 'AAAA' });
    expect(() => loadSigningKey(context(), URL_OF_STACK, 'ann')).toThrow(/there is no key in it/);
  });
});

const checkSignature = (public_key: string, text: string, signature: string): boolean => {
  const x = Buffer.from(public_key, 'base64').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
};

/** A stack that keeps keys the way governance does; the real one is in the acceptance tests. */
const stackWith = (state: ApproverKey['state']) => {
  const items: ApproverKey[] = [];
  const session = {
    url: URL_OF_STACK,
    gateway: { whoAmI: async () => ({ id: 'ann', kind: 'human', role: 'operator' }) },
    governance: {
      listKeys: async () => ({ items }),
      async registerKey({ public_key, proof }: { public_key: string; proof: string }) {
        if (!checkSignature(public_key, keyStatement('ann', public_key), proof))
          throw new HoldfastError('key_invalid', { detail: 'the proof' });
        const key: ApproverKey = {
          id: `key_${items.length}`,
          principal: 'ann',
          public_key,
          state,
          created_at: new Date().toISOString(),
          confirmed_by: null,
          revoked_at: null,
        };
        items.push(key);
        return key;
      },
    },
  } as unknown as Session;
  return { items, session };
};

describe('signDecision', () => {
  const decision = { decision: 'approve', subject: 'chg_1', digest: 'd', base: 'b' } as const;

  it('registers the key on first use and signs exactly the statement of the decision', async () => {
    const { items, session } = stackWith('active');
    const signature = await signDecision(context(), session, decision);
    const again = await signDecision(context(), session, decision);
    expect(items).toHaveLength(1);
    expect(again.nonce).not.toBe(signature.nonce);
    const { value, ...unsigned } = signature;
    const statement = decisionStatement({ ...decision, approver: 'ann' }, unsigned);
    expect(checkSignature(items[0]!.public_key, statement, value)).toBe(true);
    expect(Date.parse(signature.expires_at) - Date.parse(signature.issued_at)).toBe(3_600_000);
  });

  it.each([
    ['pending', /keys confirm key_0/],
    ['revoked', /keys init --new/],
  ] as const)('signs nothing with a key that is %s, and says what to do', async (state, next) => {
    const { session } = stackWith(state);
    await expect(signDecision(context(), session, decision)).rejects.toMatchObject({
      exit: 2,
      next: expect.stringMatching(next),
    });
  });
});
