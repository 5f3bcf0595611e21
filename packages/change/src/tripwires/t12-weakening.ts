import type { Member } from './look-through.ts';
import { firstOf, type Check, type Rule } from './tripwire-facts.ts';
import { weakeningAttempt } from './weakening-attempt.ts';
import { ruleNamedIn } from './weakening-words.ts';

const settings: Check = ({ facts: { change } }) =>
  change.kind === 'config' ? weakeningAttempt('config', change.intent) : undefined;

const vote: Check = ({ facts: { change } }) =>
  change.kind === 'quorum' ? weakeningAttempt('vote', [change.target, change.intent]) : undefined;

const policy: Check = ({ facts: { change }, look }) =>
  change.kind === 'policy'
    ? firstOf(
        look.texts.filter(({ key }) => key === 'text'),
        ({ text }) => weakeningAttempt('policy', text),
      )
    : undefined;

const OTHERS_READ = ['config', 'quorum', 'policy'];

/** What T13 reads. */
const isDenySet = ({ key }: Member): boolean => key === 'interdictions';

/** Members of any other change that name the rules: nothing that is planned has business with them. */
const naming: Check = ({ facts: { change }, look }) => {
  if (OTHERS_READ.includes(change.kind)) return undefined;
  const known = new Set<string>();
  return firstOf(look.all, (member) => {
    if (known.has(member.name) || isDenySet(member)) return undefined;
    known.add(member.name);
    const rule = ruleNamedIn(member.name);
    return rule && `${member.where} names rule ${rule}`;
  });
};

export const t12Weakening: Rule = {
  id: 'T12',
  title: 'nothing weakens these rules, nor keeps them from seeing all of a change',
  level: 'hard',
  interdictions: {
    changes_that_cannot_be_looked_through: ({ look }) => look.unseen,
    weakening_by_settings: settings,
    weakening_by_vote: vote,
    weakening_by_policy: policy,
    weakening_by_any_other_change: naming,
  },
};
