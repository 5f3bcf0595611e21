import { decide, makePlan, type GateFacts } from '@holdfast/change';
import type { Plan } from '@holdfast/contracts';
import { planHash } from '@holdfast/tuning';
import type { ApplyFacts, BlockReason, BrokenLimit, LicenceVerdict } from './apply-facts.ts';

/** Who acts: the person at this command line, whose flag is the approval. */
const OPERATOR = { id: 'operator', person: 'operator' };
const APPLY_TIMEOUT_MS = 600_000;

/** The plan of patches as a plan of the change engine, so that the same gate decides it. */
const asChangePlan = ({ items }: ApplyFacts, at: string): Plan =>
  makePlan(
    {
      target: { workload: items.map(({ namespace, name }) => `${namespace}/${name}`).join(' ') },
      base: { revision: planHash(items), observed_at: at },
      steps: items.map((item, index) => ({
        key: `item_${index}`,
        summary: `patch ${item.kind} ${item.namespace}/${item.name}`,
        do: { driver: 'kubernetes', action: 'merge_patch', params: { ...item } },
        inverse: null,
        inverse_summary: 'the values that are read before the patch is applied',
        effect: { toward_baseline: false, movement: 'configure', major: false, targets: 1 },
      })),
      timeout_ms: APPLY_TIMEOUT_MS,
    },
    { change: 'mk', kind: 'workload', owner: 'mode_keeper', created_at: at },
  );

const licenceFact = ({ reason, detail }: LicenceVerdict): GateFacts['licence'] => {
  if (reason === 'license_missing') return { state: 'missing', detail };
  if (reason === undefined || reason === 'entitlement_missing') return { state: 'valid', detail };
  return { state: 'invalid', detail };
};

const TIMED = { cooldown_active: true, budget_exhausted: true } as const;

const isTimed = ({ reason }: BrokenLimit): boolean => reason in TIMED;

const detailsOf = (limits: readonly BrokenLimit[]): string[] =>
  limits.map(({ reason, detail }) => `${reason}: ${detail}`);

/** The limit by which a reason of the gate is reported; the gate knows the limits of an engine as its policy. */
const limitBehind = (code: string, limits: readonly BrokenLimit[]): BrokenLimit | undefined => {
  if (code === 'policy_denied') return limits.find((limit) => !isTimed(limit));
  return limits.find(({ reason }) => reason === code);
};

/** The one reason and its words, or nothing when the apply may go on. */
export interface ApplyBlock {
  readonly reason: BlockReason;
  readonly detail: string;
}

/**
 * Asks the gate of the change engine, whose fixed order is kill switch, licence, entitlement, verification, limits. A licence
 * that is not valid is reported by what is wrong with it (expired, bound elsewhere), a limit by its own name. `at`: RFC 3339 UTC.
 */
export const decideApply = (facts: ApplyFacts, at: string): ApplyBlock | undefined => {
  const plan = asChangePlan(facts, at);
  const { licence, verify, limits } = facts;
  const decision = decide(
    {
      author: OPERATOR,
      killSwitch: { on: facts.killSwitch.on, detail: facts.killSwitch.signal ?? '' },
      plan,
      tripwires: [],
      worldRevision: plan.base.revision,
      licence: licenceFact(licence),
      notEntitled: licence.reason === 'entitlement_missing' ? [licence.detail] : [],
      verify:
        verify.reason === 'verify_missing'
          ? undefined
          : {
              plan_hash: plan.hash,
              ok: verify.ok,
              world_revision: plan.base.revision,
              checks: verify.ok ? [] : [{ step: 'plan', ok: false, detail: verify.detail }],
              verified_at: at,
            },
      risk: 'low',
      policyDenials: detailsOf(limits.filter((limit) => !isTimed(limit))),
      cooldowns: detailsOf(limits.filter(({ reason }) => reason === 'cooldown_active')),
      budgets: limits
        .filter(({ reason }) => reason === 'budget_exhausted')
        .map(({ detail }) => ({ what: detail, used: 1, limit: 0 })),
      freezes: [],
      approvals: [],
      rule: {
        class: 'standard',
        from_risk: 'critical',
        needed: 0,
        forced: false,
        min_voters: 0,
        delay_s: 0,
      },
    },
    at,
  );
  const [first] = decision.reasons;
  if (first === undefined) return undefined;
  const { code, detail } = first;
  const limit = limitBehind(code, limits);
  if (limit !== undefined) return limit;
  const reason = code === 'license_invalid' ? (licence.reason ?? code) : code;
  return { reason: reason as BlockReason, detail };
};
