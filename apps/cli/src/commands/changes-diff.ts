import type { CliContext } from '../context.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';
import { changeDiff } from '../words/change-diff.ts';

export async function changesDiff(this: CliContext, flags: JsonFlag, id: string): Promise<void> {
  const change = await openSession(this).governance.getChange({ id });
  if (change.plan === null)
    throw new CliError(`change ${id} is ${change.state} and has no plan`, { exit: EXIT.failed });
  const lines = changeDiff(change);
  const { hash, base } = change.plan;
  const head = [`plan ${hash}`, `made for ${base.revision}, seen ${base.observed_at}`];
  print(this, flags, { plan_hash: hash, base, lines }, () => [...head, ...lines].join('\n'));
}
