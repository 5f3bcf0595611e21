/** Prints problems and a summary; any problem makes the exit code 1. */
export const report = (name, problems, summary) => {
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  console.log(`${name}: ${problems.length === 0 ? 'ok' : count}, ${summary}`);
};
