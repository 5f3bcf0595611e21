import { CHANGE_STATES } from '@holdfast/contracts';
import { CliError, EXIT } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';
import { changeTable } from '../words/change-words.ts';

export async function changesList(
  this: CliContext,
  flags: JsonFlag & { state?: string },
): Promise<void> {
  const state = CHANGE_STATES.find((word) => word === flags.state);
  if (flags.state && !state)
    throw new CliError(`--state ${flags.state}: expected one of ${CHANGE_STATES.join(', ')}`, {
      exit: EXIT.usage,
    });
  const changes = await openSession(this).governance.listChanges(state ? { state } : {});
  print(this, flags, changes, () => changeTable(changes.items));
}
