import type { Action } from '@holdfast/tuning';

/** What became of one proposed action. */
export interface ActionResult {
  readonly action: Action;
  readonly applied: boolean;
  readonly blocked: boolean;
  readonly reason: string;
  readonly dry_run: boolean;
}

/** What became of the apply as a whole. */
export type ApplyEnd =
  | { readonly kind: 'not_requested' }
  /** Nothing was left to apply. */
  | { readonly kind: 'skipped' }
  /** `line`: what standard error gets. */
  | { readonly kind: 'blocked'; readonly reason: string; readonly line?: string }
  | { readonly kind: 'applied' }
  /** Applied, and taken back: the workload got worse, or nobody could tell. */
  | { readonly kind: 'reverted' }
  /** It goes on in a stack, and was not waited for. */
  | { readonly kind: 'open' }
  | { readonly kind: 'failed' };

const wholeReason = (end: ApplyEnd): Omit<ActionResult, 'action'> => {
  switch (end.kind) {
    case 'applied':
      return { applied: true, blocked: false, reason: 'k8s_apply', dry_run: false };
    case 'reverted':
      return { applied: false, blocked: false, reason: 'reverted', dry_run: false };
    case 'failed':
      return { applied: false, blocked: false, reason: 'k8s_apply_failed', dry_run: false };
    case 'open':
      return { applied: false, blocked: false, reason: 'k8s_apply_open', dry_run: false };
    case 'blocked':
      return { applied: false, blocked: true, reason: end.reason, dry_run: true };
    default:
      return { applied: false, blocked: false, reason: 'dry_run', dry_run: true };
  }
};

/** One result for each proposed action, in their order. An action that was blocked by itself keeps its own reason. */
export const actionResults = (
  proposed: readonly Action[],
  blocked: ReadonlyMap<Action, string>,
  end: ApplyEnd,
): ActionResult[] =>
  proposed.map((action) => {
    const reason = blocked.get(action);
    return reason === undefined
      ? { action, ...wholeReason(end) }
      : { action, applied: false, blocked: true, reason, dry_run: true };
  });

/** How often each reason occurs among the results that were blocked, or applied. */
export const countReasons = (
  results: readonly ActionResult[],
  which: 'blocked' | 'applied',
): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const result of results)
    if (result[which]) {
      const { reason } = which === 'blocked' ? result : result.action;
      counts[reason] = (counts[reason] ?? 0) + 1;
    }
  return counts;
};

export const applySummary = (end: ApplyEnd): string => {
  switch (end.kind) {
    case 'not_requested':
      return 'apply not requested (dry-run)';
    case 'blocked':
      return `apply blocked: ${end.reason}`;
    case 'skipped':
      return 'apply not attempted';
    case 'reverted':
      return 'apply executed: ok, then rolled back';
    case 'open':
      return 'apply goes on in the stack';
    default:
      return `apply executed: ${end.kind === 'applied' ? 'ok' : 'failed'}`;
  }
};
