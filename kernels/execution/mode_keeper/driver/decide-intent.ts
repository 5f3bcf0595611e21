import { HoldfastError, tuningActionSchema, type WorkloadSpec } from '@holdfast/contracts';
import {
  CATALOG,
  checkLimits,
  splitByEnvelope,
  type Action,
  type LimitOptions,
  type WorkloadState,
} from '@holdfast/tuning';
import * as z from 'zod';

const MOST_ACTIONS = 50;

const intentSchema = z.union([
  z.strictObject({
    actions: z
      .array(tuningActionSchema.extend({ reason: z.string().max(200).default('intent') }))
      .min(1)
      .max(MOST_ACTIONS),
  }),
  z.strictObject({ knobs: z.record(z.string().max(100), z.number()) }),
]);

/** A knob that somebody names without a chord stands under the first one that lists it. */
const chordFor = (knob: string): string =>
  CATALOG.chords.find(({ knobs_touched }) => knobs_touched.includes(knob))?.id ?? '';

/** What a change asks for: `{ actions }` of the planner, or `{ knobs: { name: value } }`. Throws plan_failed. */
export const readIntent = (intent: unknown): Action[] => {
  const parsed = intentSchema.safeParse(intent);
  if (!parsed.success) {
    const detail =
      'the intent is { knobs: { NAME: VALUE } } or { actions: [{ knob, target, chord }] }';
    throw new HoldfastError('plan_failed', { detail });
  }
  if ('actions' in parsed.data) return parsed.data.actions;
  return Object.entries(parsed.data.knobs).map(([knob, target]) => ({
    knob,
    target,
    reason: 'intent',
    chord: chordFor(knob),
  }));
};

export type Limits = Pick<WorkloadSpec, 'approve_advanced' | 'cooldown_s' | 'max_delta_per_step'>;

/** Refuses with plan_failed, and every reason, unless all of the actions may be made now, with what was measured. */
export const requireAllowed = (
  actions: readonly Action[],
  { approve_advanced, cooldown_s, max_delta_per_step }: Limits,
  now: Pick<LimitOptions, 'evidence' | 'nowMs'> & { readonly state: WorkloadState },
): void => {
  const envelope = splitByEnvelope(actions, {
    catalog: CATALOG,
    applying: true,
    approveAdvanced: approve_advanced,
  });
  const limits = checkLimits(envelope.allowed, {
    catalog: CATALOG,
    ...now,
    cooldownS: cooldown_s,
    maxDeltaPerStep: max_delta_per_step,
  });
  const blocked = [...envelope.blocked, ...limits.blocked];
  if (blocked.length === 0) return;
  const words = blocked.map(({ action: { knob, target, chord }, reason }) => {
    const under = chord === '' ? '' : ` under ${chord}`;
    return `${knob} to ${target}${under} is blocked: ${reason}`;
  });
  throw new HoldfastError('plan_failed', { detail: words.join('; ').slice(0, 2000) });
};
