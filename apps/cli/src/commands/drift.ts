import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';
import { driftWords } from '../words/drift-words.ts';

export async function drift(this: CliContext, flags: JsonFlag & { host: string }): Promise<void> {
  const found = await openSession(this).infrastructure.getDrift({ id: flags.host });
  print(this, flags, found, () => driftWords(found));
}
