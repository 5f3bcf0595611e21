import { CHANGE_KIND_TABLE, type Plan, type StepAction } from '@holdfast/contracts';
import { canonicalize } from '@holdfast/merkle';
import { unescapeText, wordsOf } from './plain-text.ts';
import { firstOf, type Check, type Rule, type TripwireFacts } from './tripwire-facts.ts';

const isSame = (a: StepAction | null, b: StepAction | null): boolean => {
  try {
    return canonicalize(a) === canonicalize(b);
  } catch {
    return false;
  }
};

const undo = (plan: Plan, { original, change }: TripwireFacts): string | undefined => {
  if (original?.plan === undefined || original.plan === null || original.id !== change.reverts)
    return 'the plan of the change that it undoes is not known';
  const steps = new Map(original.plan.steps.map((step) => [step.key, step]));
  const strange = plan.steps.find(({ key, do: action, inverse }) => {
    const step = steps.get(key);
    return !step || !isSame(action, step.inverse) || !isSame(inverse, step.do);
  });
  if (strange) return `step ${strange.key} is not the inverse of what was approved`;
  return plan.owner === original.plan.owner ? undefined : `${plan.owner} did not plan the original`;
};

const goal: Check = ({ facts }) => {
  const { change, plan } = facts;
  if (plan === undefined) return undefined;
  if (plan.change !== change.id) return `its plan was made for change ${plan.change}`;
  if (plan.kind !== change.kind) return `its plan is a ${plan.kind}, it is a ${change.kind}`;
  const moved = Object.keys(change.target).find((key) => plan.target[key] !== change.target[key]);
  if (moved !== undefined)
    return `its plan is for ${moved} ${plan.target[moved]}, it is for ${change.target[moved]}`;
  if (change.reverts !== null) return undo(plan, facts);
  const { owner } = CHANGE_KIND_TABLE[change.kind];
  return owner === null || owner === plan.owner
    ? undefined
    : `${plan.owner} planned it, changes of kind ${change.kind} belong to ${owner}`;
};

/** What an update asks for in words that its steps must repeat. */
const beyond: Check = ({ facts: { change, plan } }) => {
  if (change.kind !== 'packages.update') return undefined;
  const { manager, environment } = change.intent;
  const other = plan?.steps.find(
    (step) =>
      (manager !== undefined && step.do.driver !== manager) ||
      (environment !== undefined && step.do.params['environment'] !== environment),
  );
  return other && `step ${other.key} is in another place than what was asked for`;
};

const OVERRIDES = [
  /\b(ignore|disregard|forget|override|bypass) (all |any |every |the |your |my |these |those )*(previous|prior|earlier|above|approved|original|system|safety) (\w+ )?(instruction|rule|prompt|plan|goal|objective|polic|order|limit|guard)/,
  /\b(your|the) (new|real|true|actual) (goal|objective|task|instruction|mission)s? (is|are)\b/,
  /\b(approve|apply) (this|it|everything) (without|regardless of) (review|approval|asking|the gate)\b/,
];

const words: Check = ({ look }) =>
  firstOf(look.texts, ({ where, text }) => {
    if (text.length < 20) return undefined;
    const said = wordsOf(unescapeText(text)).join(' ');
    return OVERRIDES.some((pattern) => pattern.test(said))
      ? `${where} tells its reader to follow another goal`
      : undefined;
  });

export const t14Goal: Rule = {
  id: 'T14',
  title: 'nothing overrides the goal that was approved',
  level: 'hard',
  interdictions: {
    plans_for_another_goal_than_the_change: goal,
    steps_beyond_what_was_asked_for: beyond,
    words_that_override_a_goal: words,
  },
  advisory: ['words_that_override_a_goal'],
};
