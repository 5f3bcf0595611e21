import type { ApprovalFact, ApprovalRule } from '@holdfast/change';
import {
  twoThirds,
  type Approval,
  type Change,
  type ClassRule,
  type PlanClass,
  type Quorum,
} from '@holdfast/contracts';
import { authorOf, type ChangeRecord } from '../change-record.ts';
import type { Parts } from '../context.ts';
import { isOneVoice, personsSigning } from './voices-behind.ts';
import { isQuorumIntent, quorumParamsSchema } from './quorum-intent.ts';

const classOf = ({ plan }: Change): PlanClass => plan?.class ?? 'standard';

type Deciders = Pick<Quorum, 'voters' | 'k'>;

/**
 * The voters of a class that has none are founded by the first ones: the change that names them needs more than two
 * thirds of them, so nobody becomes a voter, or loses one, by the word of one person.
 */
const founders = (change: Change, quorum: Quorum): Deciders => {
  const { intent, kind } = change;
  if (kind !== 'quorum' || quorum.voters.length > 0 || !isQuorumIntent(intent)) return quorum;
  const { voters, k } = intent;
  return { voters, k: Math.max(k, twoThirds(voters.length)) };
};

/** The class whose voters a change, or an undo, sets. */
const classThatIsSet = ({ intent, kind, plan }: Change): PlanClass | undefined => {
  if (kind === 'quorum' && isQuorumIntent(intent)) return intent.class;
  const set = plan?.steps.find((step) => step.do.action === 'quorum.set');
  const params = set && quorumParamsSchema.safeParse(set.do.params);
  return params?.success ? params.data.class : undefined;
};

/**
 * A change of a quorum, and its undo, are decided by the quorum that they change; where that class has none, by that of
 * the rules themselves, if there is one. Other changes are decided by the quorum of their class.
 */
const quorumOf = async (parts: Parts, change: Change): Promise<Quorum> => {
  const set = classThatIsSet(change);
  const own = await parts.quorums.of(set ?? classOf(change));
  if (set === undefined || own.voters.length > 0) return own;
  return parts.quorums.of('covenant');
};

/** `least`: how many voters there have to be. */
const counted = (
  rule: ClassRule,
  { voters, k }: Deciders,
  least: number,
): Pick<ApprovalRule, 'needed' | 'voters' | 'min_voters'> => {
  if (voters.length > 0) return { needed: k, voters, min_voters: least };
  if (rule.quorum === 'none') return { needed: rule.approvals, min_voters: 0 };
  return { needed: rule.approvals, voters: [], min_voters: Math.max(1, least) };
};

/** Whose approval a change needs now: the rule of its class in the profile, and the voters as they stand. */
export const ruleOf = async (parts: Parts, record: ChangeRecord): Promise<ApprovalRule> => {
  const { change, notes } = record;
  const cls = classOf(change);
  const rule = parts.context.config.classes[cls];
  const quorum = await quorumOf(parts, change);
  // Voters who have become too few for the profile decide about one thing still: who comes to them.
  const isOwnMatter = change.kind === 'quorum' && quorum.voters.length > 0;
  const least = isOwnMatter ? 0 : rule.min_voters;
  const waived = notes.automatic
    ? `undoing change ${change.reverts} was part of its approved plan, so no approval is needed`
    : undefined;
  return {
    class: cls,
    from_risk: rule.approval_from_risk,
    forced: notes.forced_approval,
    delay_s: rule.delay_s,
    ...counted(rule, founders(change, quorum), least),
    ...(waived === undefined ? {} : { waived }),
  };
};

/**
 * Approvals that still stand: the key that signed is neither revoked nor of the author's making, nor the author of its
 * owner's; its owner is neither disabled nor below who may decide. Each with the person who is behind it now: names may
 * have been linked since, and keys that may speak for the same person are one person's.
 */
export const thoseThatStand = async (
  parts: Parts,
  record: ChangeRecord,
  approvals: readonly Approval[],
): Promise<ApprovalFact[]> => {
  const standing: { readonly fact: ApprovalFact; readonly voices: ReadonlySet<string> }[] = [];
  for (const approval of approvals) {
    const { principal, signature } = approval;
    if ((await parts.identity.findKey(principal, signature.key)) === undefined) continue;
    if (await isOneVoice(parts, authorOf(record), principal, signature.key)) continue;
    const voices = await personsSigning(parts, principal, signature.key);
    const same = standing.find((other) => [...voices].some((one) => other.voices.has(one)));
    const person = same?.fact.person ?? (await parts.identity.personOf(principal));
    standing.push({ fact: { ...approval, person }, voices });
  }
  return standing.map(({ fact }) => fact);
};

/** Of the approvals of a change those that count now: none that was given before the last challenge. */
export const standingApprovals = async (
  parts: Parts,
  record: ChangeRecord,
): Promise<ApprovalFact[]> => {
  const { change } = record;
  const voided = change.challenges.at(-1)?.challenged_at;
  const young = change.approvals.filter(
    ({ approved_at }) => voided === undefined || Date.parse(approved_at) > Date.parse(voided),
  );
  return thoseThatStand(parts, record, young);
};
