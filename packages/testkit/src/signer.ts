import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { Client } from '@holdfast/client';
import {
  decisionStatement,
  keyStatement,
  type Change,
  type Decision,
  type governanceApi,
  type Principal,
  type Signature,
} from '@holdfast/contracts';

/** A person with a key of their own, who signs decisions as the command line does. */
export interface Signer {
  readonly principal: Principal;
  readonly publicKey: string;
  readonly keyId: string;
  /** Registers the key in the name of its owner. */
  register(api: Client<typeof governanceApi>): Promise<void>;
  sign(decision: Omit<Decision, 'approver'>, more?: Partial<Signature>): Signature;
  /** A signature over the plan of a change as it stands. */
  signFor(change: Change, decision?: Decision['decision'], more?: Partial<Signature>): Signature;
}

const RAW_BYTES = 32;
const LIFETIME_MS = 10 * 60_000;

/** `now` in milliseconds; the wall clock unless told. */
export const createSigner = (principal: Principal, now = () => Date.now()): Signer => {
  const pair = generateKeyPairSync('ed25519');
  const raw = pair.publicKey.export({ type: 'spki', format: 'der' }).subarray(-RAW_BYTES);
  const publicKey = raw.toString('base64');
  const keyId = `ed25519:${createHash('sha256').update(raw).digest('hex').slice(0, 32)}`;
  const over = (text: string): string =>
    sign(null, Buffer.from(text), pair.privateKey).toString('base64');

  const signer: Signer = {
    principal,
    publicKey,
    keyId,
    async register(api) {
      const proof = over(keyStatement(principal.id, publicKey));
      await api.registerKey({ public_key: publicKey, proof });
    },
    sign(decision, more = {}) {
      const fields = {
        key: keyId,
        issued_at: new Date(now()).toISOString(),
        expires_at: new Date(now() + LIFETIME_MS).toISOString(),
        nonce: randomUUID(),
        ...more,
      };
      const statement = decisionStatement({ ...decision, approver: principal.id }, fields);
      return { ...fields, value: more.value ?? over(statement) };
    },
    signFor: (change, decision = 'approve', more = {}) =>
      signer.sign(
        {
          decision,
          subject: change.id,
          digest: change.plan?.hash ?? '',
          base: change.plan?.base.revision ?? '',
        },
        more,
      ),
  };
  return signer;
};
