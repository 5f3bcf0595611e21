/** Tests and what only tests use. Everything else in a workspace is production code. */
export const isTestCode = (path) =>
  /\.(test|fixture)\.(ts|mjs)$/.test(path) ||
  /\/(test-support|fixtures)\//.test(path) ||
  /^packages\/store\/src\/conformance(\/|\.ts$)/.test(path) ||
  /^(packages\/testkit|tests|bench)\//.test(path);
