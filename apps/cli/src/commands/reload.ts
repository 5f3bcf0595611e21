import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';
import { reloadWords } from '../words/healing-words.ts';

/** Longer than the gateway waits for the guardian, so that its refusal is heard. */
const WAIT_MS = 330_000;

export async function reload(this: CliContext, flags: JsonFlag, component?: string): Promise<void> {
  const answer = await openSession(this).guardian.reload(
    { component: component ?? 'all' },
    { timeoutMs: WAIT_MS },
  );
  print(this, flags, answer, () => reloadWords(answer));
}
