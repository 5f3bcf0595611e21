import type { Change, Decision } from '@holdfast/contracts';
import { CliError, EXIT } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { exitOfChange, followChange } from '../follow-change.ts';
import { signDecision } from '../keys/sign-decision.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession, type Session } from '../session.ts';
import { changeWords } from '../words/change-words.ts';

interface PlanFlag extends JsonFlag {
  readonly plan?: string;
}

/** A change with the plan that was looked at; throws when it has another one by now, or none. */
const looked = async (
  session: Session,
  id: string,
  plan: string | undefined,
): Promise<{ change: Change; plan_hash: string }> => {
  const change = await session.governance.getChange({ id });
  const plan_hash = plan ?? change.plan?.hash;
  if (!plan_hash) throw new CliError(`change ${id} has no plan`, { exit: EXIT.failed });
  return { change, plan_hash };
};

const sign = async (
  context: CliContext,
  session: Session,
  { change, plan_hash }: { change: Change; plan_hash: string },
  decision: Decision['decision'],
) => {
  const base = change.plan?.base.revision ?? '';
  return signDecision(context, session, { decision, subject: change.id, digest: plan_hash, base });
};

const showEnd = async (
  context: CliContext,
  session: Session,
  flags: JsonFlag,
  first: Change,
): Promise<void> => {
  const change = await followChange(context, session, first);
  print(context, flags, change, () => changeWords(change));
  context.process.exitCode = exitOfChange(change);
};

export async function changesApprove(this: CliContext, flags: PlanFlag, id: string): Promise<void> {
  const session = openSession(this);
  const seen = await looked(session, id, flags.plan);
  const signature = await sign(this, session, seen, 'approve');
  const { plan_hash } = seen;
  await showEnd(
    this,
    session,
    flags,
    await session.governance.approveChange({ id, plan_hash, signature }),
  );
}

export async function changesApproveStep(
  this: CliContext,
  flags: PlanFlag,
  id: string,
  step: string,
): Promise<void> {
  const session = openSession(this);
  const seen = await looked(session, id, flags.plan);
  const signature = await sign(this, session, seen, `step ${step}`);
  const { plan_hash } = seen;
  await showEnd(
    this,
    session,
    flags,
    await session.governance.approveStep({ id, step, plan_hash, signature }),
  );
}

export async function changesChallenge(
  this: CliContext,
  flags: PlanFlag & { reason: string },
  id: string,
): Promise<void> {
  const session = openSession(this);
  const seen = await looked(session, id, flags.plan);
  const signature = await sign(this, session, seen, 'challenge');
  const { plan_hash } = seen;
  const { reason } = flags;
  const change = await session.governance.challengeChange({ id, reason, plan_hash, signature });
  print(this, flags, change, () => changeWords(change));
}

export async function changesWithdraw(
  this: CliContext,
  flags: JsonFlag,
  id: string,
): Promise<void> {
  const change = await openSession(this).governance.withdrawApproval({ id });
  print(this, flags, change, () => changeWords(change));
}

export async function changesReject(
  this: CliContext,
  flags: JsonFlag & { reason: string },
  id: string,
): Promise<void> {
  const change = await openSession(this).governance.rejectChange({ id, reason: flags.reason });
  print(this, flags, change, () => changeWords(change));
}

export async function changesCancel(this: CliContext, flags: JsonFlag, id: string): Promise<void> {
  const change = await openSession(this).governance.cancelChange({ id });
  print(this, flags, change, () => changeWords(change));
}

export async function changesApply(this: CliContext, flags: JsonFlag, id: string): Promise<void> {
  const session = openSession(this);
  await showEnd(this, session, flags, await session.governance.applyChange({ id }));
}

export async function changesRevert(this: CliContext, flags: JsonFlag, id: string): Promise<void> {
  const session = openSession(this);
  const options = { idempotencyKey: crypto.randomUUID() };
  await showEnd(this, session, flags, await session.governance.revertChange({ id }, options));
}
