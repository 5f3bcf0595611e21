import { createHash } from 'node:crypto';
import { weakeningAttempt } from '@holdfast/change';
import {
  EVENT_TYPES,
  HoldfastError,
  twoThirds,
  type DraftPlan,
  type Observation,
  type Plan,
  type PlanStep,
  type Quorum,
} from '@holdfast/contracts';
import { createFenceGuard } from '@holdfast/sdk';
import { ENGINE } from '../change-events.ts';
import type { GovernanceContext, LocalDriver } from '../context.ts';
import type { Identity } from '../identity/identity.ts';
import { isQuorumIntent, quorumParamsSchema, type QuorumIntent } from './quorum-intent.ts';
import type { Quorums } from './quorums.ts';

const DRIVER = 'quorum';
const TIMEOUT_MS = 30_000;

const invalid = (detail: string): HoldfastError => new HoldfastError('quorum_invalid', { detail });

/** Names who decides, however often that was changed before: an undo leads back to the same name. */
const revisionOf = ({ class: cls, voters, k }: Quorum): string =>
  createHash('sha256')
    .update(JSON.stringify([cls, voters, k]))
    .digest('hex');

const same = (a: Pick<Quorum, 'voters' | 'k'>, b: Pick<Quorum, 'voters' | 'k'>): boolean =>
  a.k === b.k && JSON.stringify(a.voters) === JSON.stringify(b.voters);

const words = ({ voters, k }: Pick<Quorum, 'voters' | 'k'>): string =>
  voters.length === 0 ? 'nobody' : `${k} of ${voters.join(', ')}`;

const setTo = (cls: string, to: Pick<Quorum, 'voters' | 'k'>): PlanStep['do'] => ({
  driver: DRIVER,
  action: 'quorum.set',
  params: { class: cls, voters: to.voters, k: to.k },
});

/**
 * The driver of changes of kind `quorum`. Every voter is a person with a key; k is more than two thirds where the profile
 * says so. Calls `onVoices` once other voters decide.
 */
export const createQuorumDriver = (
  context: GovernanceContext,
  quorums: Quorums,
  identity: Identity,
  onVoices: () => void = () => {},
): LocalDriver => {
  const { store, clock } = context;
  const fences = createFenceGuard(store, clock);

  const check = async ({ class: cls, voters, k }: QuorumIntent): Promise<void> => {
    const rule = context.config.classes[cls];
    const n = voters.length;
    if (new Set(voters).size !== n) throw invalid('a voter is named twice');
    if (n < Math.max(1, rule.min_voters))
      throw invalid(`class ${cls} needs at least ${Math.max(1, rule.min_voters)} voters, got ${n}`);
    if (k > n) throw invalid(`${k} of ${n} is more than there are`);
    if (k < rule.approvals)
      throw invalid(`class ${cls} needs at least ${rule.approvals} approvals, got ${k}`);
    if (rule.quorum === 'two_thirds' && k < twoThirds(n))
      throw invalid(`of ${n} voters at least ${twoThirds(n)} must agree, got ${k}`);
    const people = new Set<string>();
    for (const voter of voters) {
      const record = await identity.recordOf(voter);
      const isOwner = voter === 'owner';
      if (!isOwner && record?.kind !== 'human') throw invalid(`${voter} is no person known here`);
      if (record?.state === 'disabled') throw invalid(`${voter} is disabled`);
      people.add(await identity.personOf(voter));
    }
    if (people.size !== n) throw invalid('two voters are one person');
  };

  /** No vote reaches a hard rule, and that somebody tried is an event. */
  const refuseWeakening = async (change: string, intent: unknown): Promise<void> => {
    const detail = weakeningAttempt('vote', intent);
    if (detail === undefined) return;
    const type = EVENT_TYPES.tripwireAlert;
    const draft = { type, subject: `changes/${change}`, actor: ENGINE, correlation: change };
    await context.commit([], [{ ...draft, priority: 'critical', data: { rule: 'T12', detail } }]);
    throw new HoldfastError('tripwire', { detail });
  };

  const intentOf = (plan: Plan): QuorumIntent => quorumParamsSchema.parse(plan.steps[0]!.do.params);

  return {
    async planChange({ change, target, intent }): Promise<DraftPlan> {
      await refuseWeakening(change, intent);
      if (!isQuorumIntent(intent)) throw invalid('expected class, voters and k');
      if (target['quorum'] !== intent.class)
        throw invalid(
          `the target is ${target['quorum'] ?? 'missing'}, the intent is about ${intent.class}`,
        );
      await check(intent);
      const now = await quorums.of(intent.class);
      if (same(now, intent)) throw new HoldfastError('nothing_to_do', { host: intent.class });
      const step: PlanStep = {
        key: 'quorum',
        summary: `let ${words(intent)} decide about ${intent.class} changes, before ${words(now)}`,
        do: setTo(intent.class, intent),
        inverse: setTo(intent.class, now),
        inverse_summary: `let ${words(now)} decide about ${intent.class} changes again`,
        effect: {
          toward_baseline: false,
          movement: 'configure',
          major: false,
          targets: 1,
          sensitive: true,
        },
      };
      return {
        target,
        base: { revision: revisionOf(now), observed_at: clock.iso() },
        steps: [step],
        class: 'covenant',
        timeout_ms: TIMEOUT_MS,
      };
    },
    async verifyPlan({ plan }) {
      const wanted = intentOf(plan);
      const now = await quorums.of(wanted.class);
      const problem =
        wanted.voters.length === 0
          ? undefined
          : await check(wanted).then(
              () => undefined,
              (error: unknown) => (error as Error).message,
            );
      const ok = problem === undefined;
      return {
        plan_hash: plan.hash,
        ok,
        world_revision: revisionOf(now),
        checks: [{ step: plan.steps[0]!.key, ok, detail: problem ?? 'the voters can vote' }],
        verified_at: clock.iso(),
      };
    },
    async applyStep({ run, step, action, fence }) {
      await fences.check(run, fence);
      const { class: cls, voters, k } = quorumParamsSchema.parse(action.params);
      const now = await quorums.of(cls);
      const detail = `${words({ voters, k })} decide about ${cls} changes`;
      if (same(now, { voters, k })) return { status: 'succeeded', detail };
      const next: Quorum = {
        class: cls,
        voters,
        k,
        revision: now.revision + 1,
        changed_at: clock.iso(),
        changed_by: run,
      };
      await context.commit(
        [fences.entering(run, fence), { ...quorums.put(next), expect: 1 }],
        [
          {
            type: EVENT_TYPES.quorumChanged,
            subject: `quorum/${cls}`,
            actor: ENGINE,
            correlation: run,
            priority: 'high',
            data: { before: now, after: next, step },
          },
        ],
      );
      onVoices();
      return { status: 'succeeded', detail };
    },
    async sampleSignals() {
      return { at: clock.iso(), values: {} };
    },
    async observeChange({ plan, undone }): Promise<Observation> {
      const action = undone ? plan.steps[0]!.inverse! : plan.steps[0]!.do;
      const wanted = action.params as unknown as QuorumIntent;
      const now = await quorums.of(wanted.class);
      const isThere = same(now, wanted);
      return {
        status: isThere ? 'as_planned' : 'different',
        world_revision: revisionOf(now),
        detail: isThere ? '' : `${words(now)} decide about ${wanted.class} changes`,
        differences: isThere ? [] : [`voters are ${words(now)}, planned was ${words(wanted)}`],
        observed_at: clock.iso(),
      };
    },
  };
};
