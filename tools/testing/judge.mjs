import { SKIP_REASON } from '../lib/skip-reason.mjs';

const listed = (head, names) =>
  names.length === 0 ? [] : [`${head}:`, ...names.map((name) => `  ${name}`)];

/** Whether a test run is good, and the lines that say why. `code` is the exit code of the runner. */
export const judge = (project, results, { code, minimum }) => {
  const { passed, failed, skipped, brokenFiles } = results;
  const silent = skipped.filter((name) => !SKIP_REASON.test(name));
  const ran = passed + failed.length;
  const few = ran < minimum ? [`only ${ran} tests ran, expected at least ${minimum}`] : [];
  const tests = `${ran + skipped.length} tests`;
  return {
    ok: code === 0 && failed.length + brokenFiles.length + silent.length + few.length === 0,
    lines: [
      `${project}: ${tests}, ${passed} passed, ${failed.length} failed, ${skipped.length} skipped`,
      ...few,
      ...listed(`FAILED ${failed.length} tests`, failed),
      ...listed(`FAILED ${brokenFiles.length} files outside of a test`, brokenFiles),
      ...listed(`SKIPPED ${skipped.length} tests`, skipped),
      ...listed(`skipped without a reason ('SKIPPED: <why>' in the name)`, silent),
    ],
  };
};
