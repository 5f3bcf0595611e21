import { patient } from '@holdfast/client';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { exitOfChange, followChange } from './follow-change.ts';
import type { Session } from './session.ts';

/** Waits until a change of settings is in force. Throws with what it ended as, when it is not. */
export const followSettings = async (
  context: CliContext,
  session: Session,
  id: string,
): Promise<void> => {
  const first = await patient(() => session.governance.getChange({ id }));
  const { state, reasons, ...rest } = await followChange(context, session, first);
  if (state === 'done') return;
  const why = reasons.map(({ detail }) => detail).join('; ');
  throw new CliError(`change ${id} is ${state}: ${why}`, {
    exit: exitOfChange({ state, reasons, ...rest }),
    next: `\`bin/holdfast changes show ${id}\` tells all of it`,
  });
};
