import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliError, EXIT } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { checkProof, type ProofVerdict } from '../log/check-proof.ts';
import { print, type JsonFlag } from '../output.ts';

const trustedKey = (context: CliContext, given: string | undefined): string | undefined => {
  if (given !== undefined) return given;
  const path = join(context.home, 'ledger', 'verifier.key');
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
};

const words = (verdict: ProofVerdict): string =>
  verdict.ok
    ? [
        `entry ${verdict.index} (${verdict.id}) is in the ledger of ${verdict.size} entries`,
        verdict.trusted
          ? `signed by ${verdict.key}`
          : `signed by ${verdict.key}, a key that is not known here: compare it with its owner`,
      ].join('\n')
    : `the proof does not hold: ${verdict.reason}`;

export async function logCheck(
  this: CliContext,
  flags: JsonFlag & { key?: string },
  file: string,
): Promise<void> {
  if (!existsSync(file)) throw new CliError(`${file}: there is no such file`, { exit: EXIT.usage });
  const verdict = checkProof(readFileSync(file, 'utf8'), trustedKey(this, flags.key));
  print(this, flags, verdict, () => words(verdict));
  this.process.exitCode = verdict.ok ? EXIT.done : EXIT.failed;
}
