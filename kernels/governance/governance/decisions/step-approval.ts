import { approvalsNeeded, countingApprovals } from '@holdfast/change';
import type { governanceApi, OpOutput } from '@holdfast/contracts';
import type { Handlers } from '@holdfast/sdk';
import type { ChangeRecord } from '../change-record.ts';
import type { Parts } from '../context.ts';
import { ruleOf, thoseThatStand } from '../quorum/approval-rule.ts';

type Answer = OpOutput<(typeof governanceApi)['ops']['getStepApproval']>;
type StepOps = Pick<Handlers<typeof governanceApi>, 'getStepApproval'>;

/** At an approval step the people of the class decide again, whatever the risk; keys that were revoked do not count. */
const answerOf = async (parts: Parts, record: ChangeRecord, step: string): Promise<Answer> => {
  const { change, notes } = record;
  const given = notes.step_approvals[step] ?? [];
  const rule = { ...(await ruleOf(parts, record)), forced: true };
  const author = {
    id: change.proposed_by,
    person: await parts.identity.personOf(change.proposed_by),
  };
  const counting = countingApprovals(
    await thoseThatStand(parts, record, given),
    author,
    change.plan?.hash ?? '',
    rule.voters,
  );
  const needed = Math.max(1, approvalsNeeded(rule, change.risk ?? undefined));
  return {
    approved: counting.length >= needed,
    by: counting.map(({ principal }) => principal),
  };
};

/** Whether people let a run go on; waits for the next change of the record when asked to. */
export const stepApprovalHandlers = (parts: Parts): StepOps => ({
  async getStepApproval({ id, step, wait_ms }, { signal }) {
    const { changes, context } = parts;
    const done = new AbortController();
    const deadline = context.clock.sleep(wait_ms, AbortSignal.any([signal, done.signal]));
    let isLate = false;
    void deadline.then(() => (isLate = true));
    try {
      for (;;) {
        const next = changes.waiters.next(id);
        try {
          const answer = await answerOf(parts, await changes.load(id), step);
          if (answer.approved || isLate || wait_ms === 0) return answer;
          await Promise.race([next.woken, deadline]);
        } finally {
          next.cancel();
        }
      }
    } finally {
      done.abort();
    }
  },
});
