import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';
import { workloadTable, workloadWords } from '../words/workload-words.ts';

const MOST = 1000;

export async function workloadsList(this: CliContext, flags: JsonFlag): Promise<void> {
  const workloads = await openSession(this).tuning.listWorkloads({ limit: MOST });
  print(this, flags, workloads, () => workloadTable(workloads.items));
}

export async function workloadsShow(this: CliContext, flags: JsonFlag, id: string): Promise<void> {
  const workload = await openSession(this).tuning.getWorkload({ id });
  print(this, flags, workload, () => workloadWords(workload));
}

export async function workloadsRemove(
  this: CliContext,
  flags: JsonFlag,
  id: string,
): Promise<void> {
  const result = await openSession(this).tuning.removeWorkload({ id });
  print(
    this,
    flags,
    result,
    () => `${id} is not watched any more; the workload itself is as it was`,
  );
}
