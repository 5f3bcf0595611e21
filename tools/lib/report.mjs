/** Prints problems and a summary; any problem makes the exit code 1. */
export const report = (name, problems, summary) => {
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  console.log(`${name}: ${problems.length === 0 ? 'ok' : `${problems.length} problems`}, ${summary}`);
};
