import { rmSync } from 'node:fs';
import { readSession, sessionFile, stackUrl } from '@holdfast/client/stack';
import { isHoldfastError } from '@holdfast/contracts';
import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { connect } from '../session.ts';

/** Ends the session on the stack, and forgets it here, also when the stack does not know it any more. */
export async function logout(this: CliContext, flags: JsonFlag): Promise<void> {
  const url = stackUrl(this);
  const session = readSession(this, url);
  if (session === undefined)
    return print(this, flags, { ended: null }, () => `nobody is logged in at ${url}`);
  await connect(session)
    .governance.logout({})
    .catch((error: unknown) => {
      if (!isHoldfastError(error, 'forbidden') && !isHoldfastError(error, 'token_not_found'))
        throw error;
    });
  rmSync(sessionFile(this, url), { force: true });
  const { principal } = session;
  print(this, flags, { ended: principal }, () => `${principal} is logged out of ${url}`);
}
