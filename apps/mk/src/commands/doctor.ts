import { runChecks } from '../doctor/run-checks.ts';
import type { CommandRun } from '../frame/command.ts';
import { EXIT } from '../frame/mk-error.ts';
import type { doctorFlags } from '../table/check-flags.ts';

/** Looks for what the commands that reach a cluster need; prints a line for each. */
export const doctor: CommandRun<typeof doctorFlags> = async (_flags, { env, print }) => {
  const checks = runChecks(env);
  for (const { name, ok, detail } of checks) print(`${ok ? 'PASS' : 'FAIL'} ${name}: ${detail}`);
  return checks.every(({ ok }) => ok) ? EXIT.done : EXIT.refused;
};
