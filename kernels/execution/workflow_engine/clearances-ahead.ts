import { askOnce, letsStart, type Answered } from './clearance.ts';
import type { WorkflowContext } from './context.ts';

/** More than this are there only when runs are started that nobody drives here. */
const MOST = 500;

/**
 * Governance, asked about runs whose birth is being written down, for their first step. What was not answered, or is not
 * of just now when the step comes, counts for nothing.
 */
export interface ClearancesAhead {
  /** Asks about a run. Never waits and never throws. */
  ask(run: string): void;
  /** The answer, once; undefined where the step has to ask itself. Never throws. */
  take(run: string): Promise<Answered | undefined>;
}

export const createClearancesAhead = (context: WorkflowContext): ClearancesAhead => {
  const asked = new Map<string, Promise<Answered | undefined>>();
  return {
    ask(run) {
      if (asked.size >= MOST) asked.clear();
      asked.set(
        run,
        askOnce(context, run).catch(() => undefined),
      );
    },
    async take(run) {
      const asking = asked.get(run);
      asked.delete(run);
      const answer = await asking;
      return answer && letsStart(context, answer) ? answer : undefined;
    },
  };
};
