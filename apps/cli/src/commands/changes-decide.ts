import type { CliContext } from '../context.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { exitOfChange, followChange } from '../follow-change.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';
import { changeWords } from '../words/change-words.ts';

export async function changesApprove(
  this: CliContext,
  flags: JsonFlag & { plan?: string },
  id: string,
): Promise<void> {
  const session = openSession(this);
  const before = await session.governance.getChange({ id });
  const plan_hash = flags.plan ?? before.plan?.hash;
  if (!plan_hash) throw new CliError(`change ${id} has no plan to approve`, { exit: EXIT.failed });
  const approved = await session.governance.approveChange({ id, plan_hash });
  const change = await followChange(this, session, approved);
  print(this, flags, change, () => changeWords(change));
  this.process.exitCode = exitOfChange(change);
}

export async function changesReject(
  this: CliContext,
  flags: JsonFlag & { reason: string },
  id: string,
): Promise<void> {
  const change = await openSession(this).governance.rejectChange({ id, reason: flags.reason });
  print(this, flags, change, () => changeWords(change));
}

export async function changesRevert(this: CliContext, flags: JsonFlag, id: string): Promise<void> {
  const session = openSession(this);
  const proposed = await session.governance.revertChange(
    { id },
    { idempotencyKey: crypto.randomUUID() },
  );
  const change = await followChange(this, session, proposed);
  print(this, flags, change, () => changeWords(change));
  this.process.exitCode = exitOfChange(change);
}
