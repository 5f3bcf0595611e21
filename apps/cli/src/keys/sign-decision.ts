import { randomBytes, sign } from 'node:crypto';
import {
  decisionStatement,
  LONGEST_SIGNATURE_S,
  type ApproverKey,
  type Decision,
  type Signature,
} from '@holdfast/contracts';
import { CliError, EXIT } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import type { Session } from '../session.ts';
import { registeredKey } from './registered-key.ts';

const requireActive = ({ id, state }: ApproverKey): void => {
  if (state === 'active') return;
  throw new CliError(`the key ${id} does not sign: it is ${state}`, {
    exit: EXIT.refused,
    next:
      state === 'pending'
        ? `another admin confirms it: \`bin/holdfast keys confirm ${id}\``
        : '`bin/holdfast keys init --new` makes another',
  });
};

/**
 * Signs a decision in the name of the caller, with their own key, for an hour at most. On first use the key is made and
 * registered.
 */
export const signDecision = async (
  context: CliContext,
  session: Session,
  decision: Omit<Decision, 'approver'>,
): Promise<Signature> => {
  const { id: approver } = await session.gateway.whoAmI({});
  const { record, privateKey } = await registeredKey(context, session, approver);
  requireActive(record);
  const now = Date.now();
  const unsigned = {
    key: record.id,
    issued_at: new Date(now).toISOString(),
    expires_at: new Date(now + LONGEST_SIGNATURE_S * 1_000).toISOString(),
    nonce: randomBytes(18).toString('base64url'),
  };
  const statement = Buffer.from(decisionStatement({ ...decision, approver }, unsigned), 'ascii');
  return { ...unsigned, value: sign(null, statement, privateKey).toString('base64') };
};
