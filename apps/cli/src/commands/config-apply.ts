import type { ConfigEntry } from '@holdfast/contracts';
import type { CliContext } from '../context.ts';
import { followSettings, patient } from '../follow-settings.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession, type Session } from '../session.ts';
import { entryWords } from '../words/config-words.ts';

/** Longer than the gateway waits for governance, so that its refusal is heard. */
const timeoutMs = 340_000;

interface Answer {
  readonly ok: true;
  readonly change: string;
  readonly active: ConfigEntry | null;
}

/** What answers may be replaced by the very settings that it puts in force: then the change is followed to its end. */
const settled = async (context: CliContext, session: Session, answer: Answer): Promise<Answer> => {
  if (answer.active === null || !['applying', 'proposed'].includes(answer.active.state))
    return answer;
  await followSettings(context, session, answer.change);
  const { active } = await patient(() => session.governance.getConfigStatus({}));
  return { ...answer, active };
};

export async function configApply(this: CliContext, flags: JsonFlag): Promise<void> {
  const session = openSession(this);
  const first = await session.governance.applyConfig({}, { timeoutMs });
  const answer = await settled(this, session, first);
  print(this, flags, answer, () =>
    answer.active === null ? 'nothing is in force any more' : entryWords(answer.active),
  );
}

export async function configRevert(this: CliContext, flags: JsonFlag): Promise<void> {
  const session = openSession(this);
  const first = await session.governance.revertConfig({}, { timeoutMs });
  const answer = await settled(this, session, first);
  print(this, flags, answer, () =>
    [
      `undone by ${answer.change}`,
      answer.active === null
        ? 'no change of settings is in force'
        : `in force again: ${entryWords(answer.active)}`,
    ].join('\n'),
  );
}
