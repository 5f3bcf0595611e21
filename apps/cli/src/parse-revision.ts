import { CliError, EXIT } from './cli-error.ts';

/** The number of a revision. Throws a usage error. */
export const parseRevision = (text: string): number => {
  const revision = Number(text);
  if (Number.isSafeInteger(revision) && revision >= 1) return revision;
  throw new CliError(`revision ${text}: expected a number from 1`, { exit: EXIT.usage });
};
