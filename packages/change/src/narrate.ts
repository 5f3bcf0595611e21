import {
  CHANGE_KIND_TABLE,
  targetKey,
  type Change,
  type Reason,
  type StepProgress,
} from '@holdfast/contracts';
import { observationVerdict } from './watch/observation-verdict.ts';

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** What a change is, without how it stands: `repair of the declared packages on local`. */
export const describeChange = (change: Pick<Change, 'kind' | 'target' | 'reverts'>): string => {
  const what =
    change.reverts === null
      ? CHANGE_KIND_TABLE[change.kind].words
      : `undo of change ${change.reverts}`;
  const { host, ...rest } = change.target;
  const where = host ?? targetKey(rest);
  return where === '' ? what : `${what} on ${where}`;
};

const progress = (steps: readonly StepProgress[]): string => {
  const done = steps.filter((step) => step.state === 'succeeded').length;
  return `${done} of ${count(steps.length, 'step')} applied`;
};

const planned = ({ plan, risk, risk_reasons }: Change): string =>
  `planned in ${count(plan?.steps.length ?? 0, 'step')}, risk ${risk} (${risk_reasons.join('; ')})`;

const because = (change: Change): string =>
  change.reasons.map((reason) => reason.detail).join('; ') || 'no reason was recorded';

const SAY: Readonly<Record<Change['state'], (change: Change) => string>> = {
  proposed: () => 'proposed, to be planned',
  planned: (change) => `${planned(change)}, to be dry-run`,
  verified: (change) =>
    `${planned(change)}, the dry run ${change.verify?.ok ? 'passed' : 'found problems'}`,
  waiting: (change) => `waiting: ${because(change)}`,
  approved: ({ approvals, risk, risk_reasons }) =>
    approvals.length > 0
      ? `approved by ${approvals.map((approval) => approval.principal).join(', ')}`
      : `allowed without approval, risk ${risk} (${risk_reasons.join('; ')})`,
  applying: (change) => `applying, ${progress(change.steps)}`,
  watching: (change) => `watching the result, ${progress(change.steps)}`,
  done: (change) =>
    `done, ${progress(change.steps)}: ${observationVerdict(change.observation).reason}`,
  blocked: (change) => `blocked: ${because(change)}`,
  rejected: (change) => `rejected: ${because(change)}`,
  expired: (change) => `expired: ${because(change)}`,
  cancelled: (change) => `cancelled: ${because(change)}`,
  failed: (change) => `failed, ${progress(change.steps)}: ${because(change)}`,
  reverting: (change) => `being undone: ${because(change)}`,
  reverted: (change) => `undone by change ${change.reverted_by}: ${because(change)}`,
};

/** How a change stands, in one sentence without full stop. */
export const narrate = (change: Change): string =>
  `${describeChange(change)}: ${SAY[change.state](change)}`;

/** The reason to record for a state that is no refusal: its code is the state. */
export const standing = (change: Change): Reason => ({
  code: change.state,
  detail: SAY[change.state](change).slice(0, 4000),
});
