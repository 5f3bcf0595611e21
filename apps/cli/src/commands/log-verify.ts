import type { LogVerification } from '@holdfast/contracts';
import { EXIT } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { runAudit } from '../log/run-audit.ts';
import { keepWitness } from '../log/witness.ts';
import { print, type JsonFlag } from '../output.ts';

const place = (problem: LogVerification['problems'][number]): string =>
  problem.range
    ? `entries ${problem.range.start} to ${problem.range.end - 1}`
    : problem.index === undefined
      ? ''
      : `entry ${problem.index}`;

const words = (result: LogVerification): string =>
  result.ok
    ? `the ledger is whole: ${result.entries} entries, root ${result.root}`
    : [
        `the ledger is damaged (${result.entries} entries read):`,
        ...result.problems.map(
          (problem) => `  ${problem.kind} ${place(problem)}: ${problem.message}`,
        ),
      ].join('\n');

export async function logVerify(this: CliContext, flags: JsonFlag): Promise<void> {
  const result = await runAudit(this);
  if (result.ok && result.note) keepWitness(this, result.note);
  print(this, flags, result, () => words(result));
  this.process.exitCode = result.ok ? EXIT.done : EXIT.failed;
}
