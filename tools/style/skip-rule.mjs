/**
 * A test file that may leave tests out must say why in their names: somewhere in it stands a title with `SKIPPED: ` and
 * the reason. (`tools/test.mjs` checks the names of those that really were skipped.)
 */
export const checkSkips = (file, lines) => {
  if (!/\.test\.ts$/.test(file) || lines.some((line) => /skipped: \S/i.test(line))) return [];
  return lines.flatMap((line, index) =>
    /\b(test|it|describe|suite)\.(skip|skipIf|runIf|todo)\b/.test(line)
      ? [`${file}:${index + 1}: skips without a title that says 'SKIPPED: <why>'`]
      : [],
  );
};
