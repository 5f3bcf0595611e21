import { isTestCode } from '../lib/test-code.mjs';

const CODE = /\.(ts|mjs|js|css|html|sh)$/;
const LIMITS = { code: 400, tests: 600, median: 90, p95: 300 };

/** `at(0.5)`: the median. Sorted input. */
const at = (sorted, share) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

const limitOf = (file) => {
  if (file === 'ARCHITECTURE.md') return LIMITS.code;
  if (!CODE.test(file) || file.startsWith('generated/')) return Infinity;
  return isTestCode(file) ? LIMITS.tests : LIMITS.code;
};

/** `lengths`: file to number of lines. Gives problems and the figures of production code. */
export const checkLengths = (lengths) => {
  const problems = [...lengths]
    .filter(([file, lines]) => lines > limitOf(file))
    .map(([file, lines]) => `${file}: ${lines} lines, at most ${limitOf(file)}`);
  const production = [...lengths]
    .filter(([file]) => /\.(ts|mjs)$/.test(file) && limitOf(file) === LIMITS.code)
    .map(([, lines]) => lines)
    .sort((a, b) => a - b);
  const median = at(production, 0.5) ?? 0;
  const p95 = at(production, 0.95) ?? 0;
  if (median > LIMITS.median) problems.push(`median length ${median}, at most ${LIMITS.median}`);
  if (p95 > LIMITS.p95) problems.push(`95th percentile of length ${p95}, at most ${LIMITS.p95}`);
  return { problems, median, p95 };
};
