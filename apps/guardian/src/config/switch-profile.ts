import type { GuardianLog } from '../logs/guardian-log.ts';
import type { StackFacts } from '../start/stack-facts.ts';
import { writeActive } from './active-file.ts';

/** Writes down that this start is of another profile than the one before it, and says what does not go with it. */
export const switchProfile = async (
  home: string,
  { active, dropped }: StackFacts,
  log: GuardianLog,
): Promise<void> => {
  await writeActive(home, active);
  log.info(`the profile is ${active.profile} from now on`, { profile: active.profile });
  if (dropped.length > 0)
    log.warn(`settings that profile ${active.profile} does not take were dropped`, {
      keys: dropped,
    });
};
