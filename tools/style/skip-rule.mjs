import { SKIP_REASON } from '../lib/skip-reason.mjs';

/**
 * A test file that may leave tests out says why: somewhere in it stands a title with the reason. `tools/test.mjs` checks
 * the names of those that really were skipped.
 */
export const checkSkips = (file, lines) => {
  if (!/\.test\.ts$/.test(file) || lines.some((line) => SKIP_REASON.test(line))) return [];
  return lines.flatMap((line, index) =>
    /\b(test|it|describe|suite)\.(skip|skipIf|runIf|todo)\b/.test(line)
      ? [`${file}:${index + 1}: skips without a title that says 'SKIPPED: <why>'`]
      : [],
  );
};
