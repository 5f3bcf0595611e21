import { StackAccessError } from '@holdfast/client/stack';
import { isHoldfastError } from '@holdfast/contracts';
import type { CliContext } from '../context.ts';
import { openSession, type Session } from '../session.ts';

/** A session with the stack of this home; undefined when none runs. Any other refusal is thrown. */
export const runningSession = async (context: CliContext): Promise<Session | undefined> => {
  let session: Session;
  try {
    session = openSession(context);
  } catch (error) {
    if (error instanceof StackAccessError) return undefined;
    throw error;
  }
  try {
    await session.guardian.getGuardianStatus({}, { timeoutMs: 5_000 });
    return session;
  } catch (error) {
    const isGone =
      isHoldfastError(error, 'kernel_unavailable') && error.details['kernel'] !== undefined;
    if (!isGone) throw error;
    return undefined;
  }
};
