import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';
import { explanationWords } from '../words/policy-words.ts';

export async function policyExplain(this: CliContext, flags: JsonFlag, id: string): Promise<void> {
  const answer = await openSession(this).policy.explainPolicy({ change: id });
  print(this, flags, answer, () => explanationWords(answer));
}
