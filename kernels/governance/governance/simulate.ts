import { decide, makePlan } from '@holdfast/change';
import {
  HoldfastError,
  isTerminal,
  SIMULATED_CHANGE,
  type ChangeKind,
  type governanceApi,
  type OpOutput,
  type Principal,
} from '@holdfast/contracts';
import type { Handlers } from '@holdfast/sdk';
import { freshNotes, newChange, type ChangeRecord } from './change-record.ts';
import type { Parts } from './context.ts';
import { dryRun } from './deciding.ts';
import { askPolicies } from './gate/ask-policies.ts';
import { gather } from './gate/gather.ts';
import { riskOf } from './gate/risk-of.ts';
import { judgeUnplanned } from './gate/unplanned.ts';
import { draftAtOwner } from './planning.ts';

/** A change that somebody thinks about. */
export interface Wish {
  readonly kind: Exclude<ChangeKind, 'revert'>;
  readonly target: Record<string, string>;
  readonly intent: Record<string, unknown>;
}

/** Asks the policies and leaves nothing on record, because nobody decides. */
const undecided = (parts: Parts, record: ChangeRecord) => () => askPolicies(parts, record, false);

type Simulated = OpOutput<(typeof governanceApi)['ops']['simulateChange']>;

/** Plans, dry-runs and judges a change that is not proposed: nothing is written and nothing is announced. */
export const simulateChange = async (
  parts: Parts,
  wish: Wish,
  caller: Principal,
): Promise<Simulated> => {
  const { id: proposed_by, kind, role } = caller;
  const { clock, config } = parts.context;
  const change = newChange({
    id: SIMULATED_CHANGE,
    ...wish,
    proposed_by,
    now: clock.now(),
    ttl_s: config.change_ttl_s,
  });
  const notes = {
    ...freshNotes,
    author: { kind, role },
    author_makers: await parts.identity.makersOfCall(caller),
    forced_approval: wish.intent['requires_approval'] === true,
  };
  const { owner, draft } = await draftAtOwner(parts, { change, notes });
  const meta = { change: change.id, kind: change.kind, owner, created_at: clock.iso() };
  const plan = makePlan(draft, meta);
  const { risk, reasons } = await riskOf(parts, { change, notes }, plan);
  const planned: ChangeRecord = {
    change: { ...change, target: plan.target, plan, risk, risk_reasons: reasons },
    notes,
  };
  const verify = await dryRun(parts, planned);
  const { facts, policies } = await gather(parts, planned, verify, undecided(parts, planned));
  // A proposal would be refused for these before anything else was looked at.
  const { gate: early } = await judgeUnplanned(parts, { change, notes });
  const gate = early.allowed ? decide(facts, clock.iso()) : early;
  return { plan, risk, risk_reasons: reasons, verify, gate, policies: [...policies] };
};

/** What the gate would say to an open change now. */
export const simulationHandlers = (
  parts: Parts,
): Pick<Handlers<typeof governanceApi>, 'simulateDecision'> => ({
  async simulateDecision({ id }) {
    const record = await parts.changes.load(id);
    const { state, plan } = record.change;
    if (isTerminal(state) || plan === null)
      throw new HoldfastError('change_state', { id, state, verb: 'decided' });
    const verify = await dryRun(parts, record);
    const { facts, policies } = await gather(parts, record, verify, undecided(parts, record));
    return { gate: decide(facts, parts.context.clock.iso()), policies: [...policies] };
  },
});
