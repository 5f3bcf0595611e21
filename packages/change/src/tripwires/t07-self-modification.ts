import { isOwnProgram, pathTexts } from './named-paths.ts';
import { textsIn } from './look-through.ts';
import { isOff, squeeze } from './plain-text.ts';
import { firstOf, type Check, type Rule, type Seen } from './tripwire-facts.ts';

/** The own name in `kernel:policy_engine`, `agent:box`. */
const bareName = (id: string): string => id.slice(id.indexOf(':') + 1);

const isAuthor = ({ facts: { author } }: Seen, name: unknown): boolean =>
  typeof name === 'string' && squeeze(bareName(name)) === squeeze(bareName(author.id));

/** Whether a machine changes itself: its change names it as `self`, or as its target. */
const isSelf = (seen: Seen): boolean => {
  const { change, author } = seen.facts;
  if (author.kind === 'human') return false;
  const { unit, kernel, model } = change.target;
  return (
    [unit, kernel, model].some((name) => isAuthor(seen, name)) ||
    seen.look.named('self').some(({ value }) => isAuthor(seen, value))
  );
};

const writing =
  (part: string, always = false): Check =>
  (seen) =>
    always || isSelf(seen)
      ? firstOf(seen.look.named('writes', 'write'), ({ where, value }) =>
          textsIn(value).some((text) => squeeze(text).includes(part))
            ? `${where} names the ${always ? '' : 'own '}${part} of a unit`
            : undefined,
        )
      : undefined;

const promote: Check = ({ facts: { plan }, look }) => {
  if (plan === undefined || plan.class === 'security' || plan.class === 'covenant')
    return undefined;
  const promoted = look.named('promote', 'promotes').find(({ value }) => !isOff(value));
  return promoted && `${promoted.where} promotes a model without the quorum of its class`;
};

const program: Check = ({ facts, look }) =>
  firstOf(pathTexts(look), ({ where, text }) =>
    isOwnProgram(text, facts.own) ? `${where} is in the program of Holdfast itself` : undefined,
  );

export const t07SelfModification: Rule = {
  id: 'T7',
  title: 'no self-modification without review by others',
  level: 'hard',
  interdictions: {
    writing_the_own_image: writing('image'),
    writing_the_own_manifest: writing('manifest'),
    writing_the_own_policy: writing('policy'),
    writing_a_base_layer: writing('baselayer', true),
    promotion_of_a_model_without_quorum: promote,
    changing_the_program_of_holdfast: program,
  },
};
