import type { CliContext } from '../context.ts';
import { print, type JsonFlag } from '../output.ts';
import { openSession } from '../session.ts';
import { parseLimit } from '../words/library-words.ts';
import { parseRevision } from '../parse-revision.ts';
import { policiesWords, policyFilesWords, revisionsTable } from '../words/policy-words.ts';

export async function policyShow(
  this: CliContext,
  flags: JsonFlag & { revision?: string },
): Promise<void> {
  const { policy } = openSession(this);
  if (flags.revision !== undefined) {
    const files = await policy.getPolicyFiles({ revision: parseRevision(flags.revision) });
    print(this, flags, files, () => policyFilesWords(files));
    return;
  }
  const policies = await policy.getPolicies({});
  print(this, flags, policies, () => policiesWords(policies));
}

export async function policyRevisions(
  this: CliContext,
  flags: JsonFlag & { limit: string },
): Promise<void> {
  const limit = parseLimit(flags.limit, 1000);
  const revisions = await openSession(this).policy.listPolicyRevisions({ limit });
  print(this, flags, revisions, () => revisionsTable(revisions.items));
}
