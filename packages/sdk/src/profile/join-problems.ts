import { HoldfastError } from '@holdfast/contracts';

/**
 * One error for several problems, so that a user sees all of them at once: it has the code and details of the first,
 * a text line for each, and the lines again as `details.problems`.
 */
export const joinProblems = (
  problems: readonly [HoldfastError, ...HoldfastError[]],
): HoldfastError => {
  const [first] = problems;
  if (problems.length === 1) return first;
  const lines = problems.map((problem) => problem.message);
  const joined = new HoldfastError(first.code, { ...first.details, problems: lines });
  joined.message = lines.join('\n');
  return joined;
};
