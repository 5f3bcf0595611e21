import type { PolicyFile } from '@holdfast/contracts';
import { CliError, EXIT } from '../cli-error.ts';
import type { CliContext } from '../context.ts';
import { exitOfChange, followChange } from '../follow-change.ts';
import { note, print, type JsonFlag } from '../output.ts';
import { parseRevision } from '../parse-revision.ts';
import { readDefaultPolicies, readPolicyFiles } from '../policy-files.ts';
import { openSession, type Session } from '../session.ts';
import { changeWords } from '../words/change-words.ts';

interface Flags extends JsonFlag {
  readonly defaults?: string;
  readonly detach?: boolean;
}

const change = async (
  context: CliContext,
  session: Session,
  flags: Flags,
  intent: Record<string, unknown>,
): Promise<void> => {
  const proposed = await session.governance.proposeChange(
    { kind: 'policy', target: { policy: 'set' }, intent },
    { idempotencyKey: crypto.randomUUID() },
  );
  const ended = flags.detach ? proposed : await followChange(context, session, proposed);
  print(context, flags, ended, () => changeWords(ended));
  if (!flags.detach || ended.state === 'blocked') context.process.exitCode = exitOfChange(ended);
};

const filesOf = (context: CliContext, flags: Flags, path: string | undefined): PolicyFile[] => {
  if ((path === undefined) === (flags.defaults === undefined))
    throw new CliError('expected either a path or --defaults PROFILE', { exit: EXIT.usage });
  return path === undefined
    ? readDefaultPolicies(flags.defaults!, context.dist)
    : readPolicyFiles(path);
};

export async function policyApply(this: CliContext, flags: Flags, path?: string): Promise<void> {
  const files = filesOf(this, flags, path);
  const session = openSession(this);
  const { checksum, statements } = await session.policy.stagePolicies({ files });
  note(this, `  ${statements} statements are valid, checksum ${checksum.slice(0, 12)}`);
  await change(this, session, flags, { draft: checksum });
}

export async function policyRollback(
  this: CliContext,
  flags: Flags,
  revision: string,
): Promise<void> {
  const rollback_to = parseRevision(revision);
  await change(this, openSession(this), flags, { rollback_to });
}
