import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';
import { entryWords, settingsLines } from '../words/config-words.ts';

export async function configStatus(this: CliContext, flags: JsonFlag): Promise<void> {
  const status = await openSession(this).governance.getConfigStatus({});
  const { pending, active, in_force } = status;
  const overrides = settingsLines(in_force.overrides);
  print(this, flags, status, () =>
    [
      `profile ${in_force.profile}, revision ${in_force.revision.slice(0, 16)}`,
      overrides === '' ? 'nothing is laid over the profile' : `laid over it:\n${overrides}`,
      pending === null ? 'nothing is proposed' : `proposed: ${entryWords(pending)}`,
      ...(active === null ? [] : [`applied last: ${entryWords(active)}`]),
    ].join('\n'),
  );
}
