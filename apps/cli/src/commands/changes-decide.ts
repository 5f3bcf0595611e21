import type { Change, Decision } from '@holdfast/contracts';
import type { CliContext } from '../context.ts';
import { exitOfChange, followChange } from '../follow-change.ts';
import { showPlan } from '../keys/shown-plan.ts';
import { signDecision } from '../keys/sign-decision.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession, type Session } from '../session.ts';
import { changeWords } from '../words/change-words.ts';

interface PlanFlag extends JsonFlag {
  readonly plan?: string;
}

/** Shows a change and signs a decision about its plan. */
const sign = async (
  context: CliContext,
  session: Session,
  { plan: wanted }: PlanFlag,
  subject: string,
  decision: Decision['decision'],
) => {
  const change = await session.governance.getChange({ id: subject });
  const { hash, base } = showPlan(context, change, wanted);
  const about = { decision, subject, digest: hash, base: base.revision };
  return { plan_hash: hash, signature: await signDecision(context, session, about) };
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

/** The gate looks at once at what was approved; that takes a moment, and nothing when it finds nothing new. */
const LOOK_MS = 10_000;

/** The change as the gate sees it with this approval. */
const lookedAt = async (session: Session, change: Change): Promise<Change> => {
  const { id, state, version } = change;
  if (state !== 'waiting') return change;
  return session.governance.getChange({ id, after_version: version, wait_ms: LOOK_MS });
};

export async function changesApprove(this: CliContext, flags: PlanFlag, id: string): Promise<void> {
  const session = openSession(this);
  const signed = await sign(this, session, flags, id, 'approve');
  const approved = await session.governance.approveChange({ id, ...signed });
  await showEnd(this, session, flags, await lookedAt(session, approved));
}

export async function changesApproveStep(
  this: CliContext,
  flags: PlanFlag,
  id: string,
  step: string,
): Promise<void> {
  const session = openSession(this);
  const signed = await sign(this, session, flags, id, `step ${step}`);
  const after = await session.governance.approveStep({ id, step, ...signed });
  await showEnd(this, session, flags, after);
}

export async function changesChallenge(
  this: CliContext,
  flags: PlanFlag & { reason: string },
  id: string,
): Promise<void> {
  const session = openSession(this);
  const signed = await sign(this, session, flags, id, 'challenge');
  const { reason } = flags;
  const change = await session.governance.challengeChange({ id, reason, ...signed });
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
