import { modeKeeperApi } from '@holdfast/contracts';
import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { parseCount } from '../parse-flags.ts';
import { openSession } from '../session.ts';
import { observationTable, observationWords } from '../words/workload-words.ts';

const MOST = 1000;
const { answerMs: timeoutMs } = modeKeeperApi.ops.observeWorkload;

export async function workloadsObserve(
  this: CliContext,
  flags: JsonFlag,
  id: string,
): Promise<void> {
  const seen = await openSession(this).tuning.observeWorkload({ id }, { timeoutMs });
  print(this, flags, seen, () => observationWords(seen));
}

export async function workloadsObservations(
  this: CliContext,
  flags: JsonFlag & { limit: string },
  id: string,
): Promise<void> {
  const limit = parseCount('limit', flags.limit, MOST);
  const seen = await openSession(this).tuning.listObservations({ id, limit });
  print(this, flags, seen, () => observationTable(seen.items));
}
