import { weakeningAttempt } from '@holdfast/change';
import type { PolicyFile, PolicyProblem } from '@holdfast/contracts';
import { problem, type CedarStatement } from '../cedar/statement.ts';

const WORD = /trip[\s._-]*wire/i;
const NO_SAY = 'policies have no say about tripwires';

/**
 * Statements that speak of tripwires: in an annotation, an id, an action, an attribute or any text within. Policies are
 * asked after the hard rules and cannot reach them; one that names them is an attempt to, and is refused. Comments and
 * layout do not count. Texts are looked through as well, so that what does not parse is seen, too.
 */
export const tripwireMentions = (
  files: readonly PolicyFile[],
  statements: readonly CedarStatement[],
): PolicyProblem[] => [
  ...files.flatMap(({ name, text }) => {
    const attempt = weakeningAttempt('policy', text);
    const named = WORD.test(name) ? NO_SAY : undefined;
    return [attempt, named].flatMap((detail) => (detail ? [problem(name, null, detail)] : []));
  }),
  ...statements
    .filter(({ id, json }) => WORD.test(id) || WORD.test(JSON.stringify(json)))
    .map(({ file, id }) => problem(file, id, NO_SAY)),
];
