import { EXIT } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { readPolicyFiles } from '../policy-files.ts';
import { openSession } from '../session.ts';
import { parseLimit } from '../words/library-words.ts';
import { dryRunWords, validationWords } from '../words/policy-words.ts';

export async function policyValidate(
  this: CliContext,
  flags: JsonFlag,
  path: string,
): Promise<void> {
  const files = readPolicyFiles(path);
  const answer = await openSession(this).policy.validatePolicies({ files });
  print(this, flags, answer, () => validationWords(answer));
  if (!answer.ok) this.process.exitCode = EXIT.failed;
}

export async function policyDryRun(
  this: CliContext,
  flags: JsonFlag & { last: string },
  path: string,
): Promise<void> {
  const files = readPolicyFiles(path);
  const last = parseLimit(flags.last, 100_000);
  const answer = await openSession(this).policy.dryRunPolicies({ files, last });
  print(this, flags, answer, () => dryRunWords(answer));
}
