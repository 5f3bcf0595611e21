import type { PolicyVerdict } from '@holdfast/contracts';
import { isYoungerThan } from '@holdfast/sdk';
import type { ChangeRecord } from '../change-record.ts';
import type { Parts } from '../context.ts';
import { askPolicies } from './ask-policies.ts';

/** How old an answer may be: policies that were put into force longer ago than this decide. */
const JUST_NOW_MS = 100;

/**
 * The policies, asked about a plan while its owner looks whether it would work. For one run of looks at one change: what
 * was asked about another plan, or was not answered, or is not of just now, counts for nothing.
 */
export interface PoliciesAhead {
  /** Asks about a planned change. Never waits and never throws. */
  ask(record: ChangeRecord): void;
  /** What the policies say now. Rejects as `askPolicies` does. */
  verdictOn(record: ChangeRecord): Promise<PolicyVerdict>;
}

interface Asked {
  readonly plan: string;
  readonly risk: string;
  readonly askedMs: number;
  /** Undefined when the policies could not be asked. */
  readonly verdict: Promise<PolicyVerdict | undefined>;
}

export const createPoliciesAhead = (parts: Parts): PoliciesAhead => {
  const { clock } = parts.context;
  let asked: Asked | undefined;

  const isAbout = ({ change }: ChangeRecord, { plan, risk }: Asked): boolean =>
    change.plan?.hash === plan && change.risk === risk;

  return {
    ask(record) {
      const { plan, risk } = record.change;
      if (plan === null || risk === null) return;
      const askedMs = clock.now();
      const verdict = askPolicies(parts, record, true).catch(() => undefined);
      asked = { plan: plan.hash, risk, askedMs, verdict };
    },
    async verdictOn(record) {
      const same = asked && isAbout(record, asked) ? asked : undefined;
      const early = await same?.verdict;
      if (same && early && isYoungerThan(clock, same.askedMs, JUST_NOW_MS)) return early;
      // Dry runs count a question once: what was asked ahead about this plan is on record already. The question about a
      // plan that was dropped stays there: it was decided about by the policies of that time like any other.
      return askPolicies(parts, record, early === undefined);
    },
  };
};
