import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';
import { driftWords } from '../words/drift-words.ts';

/** A scan may ask three package managers, one after the other. */
const SCAN_TIMEOUT_MS = 180_000;

export async function scan(this: CliContext, flags: JsonFlag & { host: string }): Promise<void> {
  const drift = await openSession(this).infrastructure.scanHost(
    { id: flags.host },
    { timeoutMs: SCAN_TIMEOUT_MS },
  );
  print(this, flags, drift, () => driftWords(drift));
}
