import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';
import { readWorkloadSpec, type WorkloadFlags } from '../workload-spec.ts';
import { workloadWords } from '../words/workload-words.ts';

export async function workloadsRegister(
  this: CliContext,
  flags: JsonFlag & WorkloadFlags,
  id: string,
): Promise<void> {
  const spec = readWorkloadSpec(id, flags);
  const workload = await openSession(this).tuning.registerWorkload(spec);
  print(this, flags, workload, () => `registered ${workloadWords(workload)}`);
}
