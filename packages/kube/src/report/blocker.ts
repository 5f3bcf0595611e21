import type { Outcome } from '../cluster.ts';

export type BlockerKind =
  | 'kubectl_missing'
  | 'namespace_missing'
  | 'deployment_missing'
  | 'rbac_denied'
  | 'dry_run_failed'
  | 'unknown';

/** Why a plan did not verify: the first thing that stood in its way, and at which item. */
export interface VerifyBlocker {
  readonly kind: BlockerKind;
  readonly index: number | null;
  readonly namespace: string | null;
  readonly name: string | null;
  readonly detail: string | null;
}

const MAX_DETAIL = 400;

/** `rc=1; stderr=...`, on one line. */
export const outcomeDetail = ({ rc, stderr }: Pick<Outcome, 'rc' | 'stderr'>): string => {
  const text = stderr.trim().replace(/\s+/g, ' ');
  const cut = text.length > MAX_DETAIL ? `${text.slice(0, MAX_DETAIL)}...` : text;
  return cut === '' ? `rc=${rc}` : `rc=${rc}; stderr=${cut}`;
};

/** The user may, and what is asked for is not admitted: by a policy, a webhook, pod security or a quota. */
const NOT_ADMITTED =
  /^Error from server \((?!Forbidden\b)\w+\)|denied (?:the )?request|violates PodSecurity|exceeded quota/im;

/** Whether the user has not the right that the call needs. */
export const isDenied = ({ stderr }: Pick<Outcome, 'stderr'>): boolean =>
  /forbidden|cannot patch/i.test(stderr) && !NOT_ADMITTED.test(stderr);

/** No answer of a server at all: nothing is known about what was asked for. */
const UNREACHABLE =
  /unable to connect|connection refused|connection to the server .* was refused|cannot ask the server|no such host|i\/o timeout|context deadline|\bx509\b|must be logged in|\(Unauthorized\)|^(?:error: )?(?:no configuration has been provided|current-context is not set|invalid configuration)/im;

/** What it means that something cannot be read: denied, out of reach, or `missing`. */
export const readBlocker = (
  outcome: Outcome,
  missing: 'namespace_missing' | 'deployment_missing',
): BlockerKind => {
  if (isDenied(outcome)) return 'rbac_denied';
  return outcome.rc === 124 || UNREACHABLE.test(outcome.stderr) ? 'unknown' : missing;
};

/** What a failed dry run means. */
export const dryRunBlocker = (outcome: Outcome): BlockerKind => {
  if (isDenied(outcome)) return 'rbac_denied';
  if (/not ?found/i.test(outcome.stderr))
    return /namespaces? /i.test(outcome.stderr) && !/in the namespace/i.test(outcome.stderr)
      ? 'namespace_missing'
      : 'deployment_missing';
  return 'dry_run_failed';
};
