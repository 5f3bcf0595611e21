import type { Freeze } from '@holdfast/contracts';
import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';

const words = (freeze: Freeze): string =>
  freeze.on
    ? `the kill switch is on (${freeze.source})${freeze.reason === '' ? '' : `: ${freeze.reason}`}`
    : 'the kill switch is off';

export async function freeze(
  this: CliContext,
  flags: JsonFlag & { reason: string },
): Promise<void> {
  const result = await openSession(this).governance.freeze({ reason: flags.reason });
  print(this, flags, result, () => words(result));
}

export async function unfreeze(this: CliContext, flags: JsonFlag): Promise<void> {
  const result = await openSession(this).governance.unfreeze({});
  print(this, flags, result, () => words(result));
}
