import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { runningSession } from '../stack/is-running.ts';
import { nextProfile } from '../stack/next-profile.ts';
import { settingsLines } from '../words/config-words.ts';

export async function profileShow(this: CliContext, flags: JsonFlag): Promise<void> {
  const session = await runningSession(this);
  if (session === undefined) {
    const next = await nextProfile(this, undefined);
    const { profile, revision, effective } = next;
    print(this, flags, { profile, running: false, revision, effective }, () =>
      [`profile ${profile}, for the next start:`, settingsLines(effective)].join('\n'),
    );
    return;
  }
  const now = await session.governance.getConfigProfile({});
  print(this, flags, { ...now, running: true }, () =>
    [
      `profile ${now.profile}${now.setupDone ? '' : ', being put in force'}:`,
      settingsLines(now.effective),
    ].join('\n'),
  );
}
