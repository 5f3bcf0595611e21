import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { parseCount } from '../parse-flags.ts';
import { openSession } from '../session.ts';
import { historyTable } from '../words/config-words.ts';

const MOST = 1_000;

export async function configHistory(
  this: CliContext,
  flags: JsonFlag & { readonly limit: string },
): Promise<void> {
  const limit = parseCount('limit', flags.limit, MOST);
  const history = await openSession(this).governance.getConfigHistory({ limit });
  print(this, flags, history, () => historyTable(history.items));
}
