import type { OpOutput, PolicyRequest, policyApi } from '@holdfast/contracts';
import type { CompiledSet } from '../cedar/compiled-set.ts';
import type { DecisionLog } from './decision-log.ts';
import { createTurns } from '../turns.ts';
import { decideBy } from './verdict.ts';

export type DryRun = OpOutput<(typeof policyApi)['ops']['dryRunPolicies']>;

const MAX_DIFFERENCES = 200;
/** A decision takes as long as looking at so many statements, however few there are. */
const LEAST_WORK = 20;

const count = (value: number): string => value.toLocaleString('en-US');

const summarise = (total: number, denied: number, allowed: number): string => {
  if (total === 0) return 'no decision has been recorded yet';
  const counts = `${count(denied)} newly denied, ${count(allowed)} newly allowed`;
  return `${count(denied + allowed)} of ${count(total)} would change (${counts})`;
};

/** What a set would have decided about the last decisions, against what was decided then. Other work has its turn. */
export const dryRun = async (
  decisions: DecisionLog,
  set: CompiledSet,
  last: number,
): Promise<DryRun> => {
  const turn = createTurns();
  const differences: DryRun['differences'] = [];
  let [total, newly_denied, newly_allowed] = [0, 0, 0];
  for await (const page of decisions.last(last))
    for (const { at, allowed, request } of page) {
      total += 1;
      await turn(Math.max(LEAST_WORK, set.statements.length));
      const verdict = decideBy(set, request, 0);
      if (verdict.allowed === allowed) continue;
      if (allowed) newly_denied += 1;
      else newly_allowed += 1;
      if (differences.length >= MAX_DIFFERENCES) continue;
      const { determining, denials } = verdict;
      const change = request.change;
      differences.push({ change, at, before: allowed, after: !allowed, determining, denials });
    }
  return {
    total,
    changed: newly_denied + newly_allowed,
    newly_denied,
    newly_allowed,
    checksum: set.checksum,
    differences,
    summary: summarise(total, newly_denied, newly_allowed),
  };
};

const same = (one: readonly string[], other: readonly string[]): boolean =>
  JSON.stringify(one.toSorted()) === JSON.stringify(other.toSorted());

/** Whether this kernel's own evaluator and the reference agree about a request: what is decided, and by what. */
export const agrees = (set: CompiledSet, request: PolicyRequest): boolean => {
  const own = set.judge(request);
  const reference = set.judgeByReference(request);
  const isForbidden = own.forbids.length > 0;
  return (
    same(own.forbids, reference.forbids) &&
    (isForbidden || same(own.permits, reference.permits)) &&
    own.errors.length === reference.errors.length &&
    same(own.violations, reference.violations)
  );
};
