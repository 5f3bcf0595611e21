import { HoldfastError, type PolicyFile, type PolicyProblem } from '@holdfast/contracts';
import { checkFiles } from '../cedar/check-files.ts';
import { needsReference, openSet, type CompiledSet } from '../cedar/compiled-set.ts';
import { loadCedar } from '../cedar/load-cedar.ts';
import { createReference, type Reference } from '../cedar/reference.ts';
import { problem, type CedarStatement } from '../cedar/statement.ts';
import { canBeChangedAgain } from './lock-out.ts';
import { tripwireMentions } from './tripwire-mentions.ts';

/** `set` is undefined where a problem is an error. `mentions`: attempts at the hard rules, which are errors too. */
export interface CheckedSet {
  readonly set: CompiledSet | undefined;
  readonly problems: readonly PolicyProblem[];
  readonly mentions: readonly PolicyProblem[];
}

let reference: Promise<Reference> | undefined;

/** One for the process: it keeps what it has parsed. */
export const sharedReference = (): Promise<Reference> =>
  (reference ??= loadCedar().then(createReference));

/** Makes statements ready to decide; the reference evaluator is loaded only for those that need it. */
export const readySet = async (
  files: readonly PolicyFile[],
  statements: readonly CedarStatement[],
  withReference = false,
): Promise<CompiledSet> => {
  const isNeeded = withReference || statements.some(needsReference);
  return openSet(files, statements, isNeeded ? await sharedReference() : undefined);
};

/** Everything that must hold of a set before it may be staged or come into force. `at`: RFC 3339 UTC. */
export const checkSet = async (files: readonly PolicyFile[], at: string): Promise<CheckedSet> => {
  const { ok, statements, problems } = await checkFiles(await loadCedar(), files);
  const mentions = tripwireMentions(files, statements);
  if (!ok || mentions.length > 0)
    return { set: undefined, problems: [...problems, ...mentions], mentions };
  const set = await readySet(files, statements, true);
  if (await canBeChangedAgain(set, at)) return { set, problems, mentions };
  const detail =
    'with these policies in force nobody could change them again, as far as could be seen';
  return { set: undefined, problems: [...problems, problem('', null, detail)], mentions };
};

const sayProblem = ({ file, policy, detail }: PolicyProblem): string =>
  [file, policy === null || policy.startsWith(file) ? '' : policy, detail]
    .filter((part) => part !== '')
    .join(': ');

/** The set, or the refusal: tripwire for an attempt at the hard rules, policy_invalid for everything else. */
export const requireSet = async (
  files: readonly PolicyFile[],
  at: string,
): Promise<CompiledSet> => {
  const { set, problems, mentions } = await checkSet(files, at);
  if (set) return set;
  const say = (all: readonly PolicyProblem[]) => all.map(sayProblem).join('; ').slice(0, 4000);
  if (mentions.length > 0) throw new HoldfastError('tripwire', { detail: say(mentions) });
  const errors = problems.filter(({ severity }) => severity === 'error');
  throw new HoldfastError('policy_invalid', { detail: say(errors) });
};
