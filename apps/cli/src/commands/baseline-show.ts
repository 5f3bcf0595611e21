import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';
import { baselineWords } from '../words/baseline-words.ts';

export async function baselineShow(
  this: CliContext,
  flags: JsonFlag & { host: string },
): Promise<void> {
  const baseline = await openSession(this).infrastructure.getBaseline({ id: flags.host });
  print(this, flags, baseline, () => baselineWords(baseline));
}
