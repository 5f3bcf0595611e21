import { carryThrough, patient } from '@holdfast/client';
import type { CliContext } from '../context.ts';
import { followSettings } from '../follow-settings.ts';
import { print, type JsonFlag } from '../output.ts';
import type { Session } from '../session.ts';
import { runningSession } from '../stack/is-running.ts';
import { nextProfile } from '../stack/next-profile.ts';

/** Longer than the gateway waits for governance, so that its refusal is heard. */
const timeoutMs = 340_000;

const switchRunning = async (
  context: CliContext,
  session: Session,
  name: string,
): Promise<{ profile: string; change: string | null }> => {
  const options = { timeoutMs, idempotencyKey: crypto.randomUUID() };
  const { change, profile, setupDone } = await carryThrough(
    () => session.governance.switchProfile({ profile: name }, options),
    // The same key stands for the same change.
    () => Promise.resolve(undefined),
  );
  if (setupDone || change === null) return { profile, change };
  // Everything is replaced, what answers too.
  await followSettings(context, session, change);
  const now = await patient(() => session.governance.getConfigProfile({}));
  return { profile: now.profile, change };
};

export async function profileUse(this: CliContext, flags: JsonFlag, name: string): Promise<void> {
  const session = await runningSession(this);
  if (session === undefined) {
    const { profile, dropped, changed } = await nextProfile(this, name);
    print(this, flags, { profile, running: false, dropped, changed }, () =>
      [
        `profile ${profile} from the next start on`,
        ...(dropped.length === 0 ? [] : [`it does not take these settings: ${dropped.join(', ')}`]),
      ].join('\n'),
    );
    return;
  }
  const { profile, change } = await switchRunning(this, session, name);
  print(this, flags, { profile, running: true, change }, () => `profile ${profile} is in force`);
}
