import { createPrivateKey, type KeyObject } from 'node:crypto';
import { keyIdOf } from '@holdfast/change';
import {
  decisionStatement,
  type Change,
  type Decision,
  type Principal,
  type Signature,
} from '@holdfast/contracts';
import type { Statement } from '@holdfast/store';
import { createPublicKey, sign } from '../files/sim-crypto.ts';

export const PEOPLE = ['ann', 'bob', 'eve'] as const;
/** An AI agent: it may propose and never approves. */
export const BOT = 'bot';
/** Another principal of the person who is ann. */
export const SECOND_SELF = 'ann-too';
export const NAMES = [...PEOPLE, SECOND_SELF, BOT] as const;
export type Name = (typeof NAMES)[number];

export const personOf = (name: string): string => (name === SECOND_SELF ? 'ann' : name);

export const principalOf = (name: Name): Principal => ({
  id: name,
  kind: name === BOT ? 'ai' : 'human',
  role: name === BOT ? 'operator' : 'admin',
});

interface Key {
  readonly id: string;
  readonly publicKey: string;
  readonly secret: KeyObject;
}

const RAW_BYTES = 32;
/** What stands before the seed in a PKCS #8 key of Ed25519 (RFC 8410 section 7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

const createKey = (name: string): Key => {
  const seed = Buffer.alloc(RAW_BYTES, name);
  const key = Buffer.concat([PKCS8_PREFIX, seed]);
  const secret = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  const raw = createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(-RAW_BYTES);
  const publicKey = raw.toString('base64');
  return { id: keyIdOf(publicKey), publicKey, secret };
};
const keys = new Map<string, Key>(NAMES.map((name) => [name, createKey(name)]));

const LIFETIME_MS = 60_000;

/** A signature of somebody over a decision about a change as it stands. */
export const signFor = (
  name: Name,
  change: Change,
  decision: Decision['decision'],
  digest: string,
  nowMs: number,
  nonce: string,
): Signature => {
  const { id, secret } = keys.get(name)!;
  const fields = {
    key: id,
    issued_at: new Date(nowMs).toISOString(),
    expires_at: new Date(nowMs + LIFETIME_MS).toISOString(),
    nonce,
  };
  const base = change.plan?.base.revision ?? '';
  const statement = decisionStatement(
    { decision, subject: change.id, digest, base, approver: name },
    fields,
  );
  return {
    ...fields,
    value: sign(null, Buffer.from(statement), secret).toString('base64'),
  };
};

/** Puts everybody on record with a key of their own. */
export const enrolment = (at: string): Statement[] => [
  {
    sql: `INSERT INTO principals (id, folded, kind, role, name, person, state, created_by, created_at,
      updated_at, version) VALUES (?, ?, ?, ?, ?, ?, 'active', 'owner', ?, ?, 1)`,
    many: NAMES.map((name) => {
      const { id, kind, role } = principalOf(name);
      return [id, id, kind, role, id, personOf(name), at, at];
    }),
  },
  {
    sql: `INSERT INTO approver_keys (id, principal, public_key, state, created_at)
      VALUES (?, ?, ?, 'active', ?)`,
    many: NAMES.map((name) => [keys.get(name)!.id, name, keys.get(name)!.publicKey, at]),
  },
];
