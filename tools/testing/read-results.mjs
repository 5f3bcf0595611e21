import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

const NOT_RUN = new Set(['skipped', 'pending', 'todo', 'disabled']);

/**
 * Sums up a JSON report of vitest: `{ passed, failed, skipped, brokenFiles }`. `failed` and `skipped` are names as
 * `file > test`; `brokenFiles` failed outside of any test. A report that is not there counts as broken.
 */
export const readResults = (root, file) => {
  if (!existsSync(file))
    return { passed: 0, failed: [], skipped: [], brokenFiles: ['no report was written'] };
  const { testResults } = JSON.parse(readFileSync(file, 'utf8'));
  const tests = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ status, fullName }) => ({
      status,
      name: `${relative(root, name)} > ${fullName}`,
    })),
  );
  const named = (pass) => tests.filter(({ status }) => pass(status)).map(({ name }) => name);
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: named((status) => status === 'failed'),
    skipped: named((status) => NOT_RUN.has(status)),
    brokenFiles: broken.map(({ name }) => relative(root, name)),
  };
};
