import { sign } from 'node:crypto';
import { isHoldfastError, keyStatement, type ApproverKey } from '@holdfast/contracts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { note } from '../output.ts';
import type { Session } from '../session.ts';
import { loadSigningKey, type SigningKey } from './signing-key.ts';

export interface RegisteredKey extends SigningKey {
  readonly record: ApproverKey;
}

const register = async (
  session: Session,
  principal: string,
  { public_key, privateKey, path }: SigningKey,
): Promise<ApproverKey> => {
  const statement = Buffer.from(keyStatement(principal, public_key), 'ascii');
  const proof = sign(null, statement, privateKey).toString('base64');
  try {
    return await session.governance.registerKey({ public_key, proof });
  } catch (cause) {
    if (!isHoldfastError(cause, 'key_taken')) throw cause;
    throw new CliError(`the key in ${path} belongs to somebody else here`, {
      next: '`bin/holdfast keys init --new` puts it aside and makes another',
      cause,
    });
  }
};

/** The key of the caller, made and registered when there is none yet. */
export const registeredKey = async (
  context: CliContext,
  session: Session,
  principal: string,
): Promise<RegisteredKey> => {
  const key = loadSigningKey(context, session.url, principal);
  const { items } = await session.governance.listKeys({ principal });
  const known = items.find(({ public_key }) => public_key === key.public_key);
  if (known !== undefined) return { ...key, record: known };
  const record = await register(session, principal, key);
  note(context, `  registered ${record.id}, the key of ${principal} in ${key.path}`);
  return { ...key, record };
};
