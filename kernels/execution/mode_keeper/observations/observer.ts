import { EVENT_TYPES, type TunedWorkload, type WorkloadObservation } from '@holdfast/contracts';
import { canonicalize } from '@holdfast/merkle';
import type { EventDraft } from '@holdfast/sdk';
import { SELF } from '../config.ts';
import type { Parts } from '../parts.ts';
import { lookAtWorkload } from './look-at-workload.ts';
import type { ObservationStore } from './observation-store.ts';
import { proposeTuning, type Proposal } from './propose-tuning.ts';

/** Looks at a workload once, keeps what was seen, and proposes what it allows. Throws workload_not_found. */
export type Observe = (id: string, actor: string) => Promise<WorkloadObservation>;

/** What people want to hear of: the same again is no news. */
const newsOf = ({ signals, distress, proposed, blocked, problem }: WorkloadObservation): string =>
  canonicalize({
    signals,
    distress,
    proposed: proposed.map(({ knob, target }) => [knob, target]),
    blocked: blocked.map(({ action, reason }) => [action.knob, reason]),
    isIncomplete: problem !== null,
  });

/** What a workload is observed by, without what observing it changes. */
const termsOf = ({ observed_at: _at, change: _change, ...terms }: TunedWorkload): string =>
  canonicalize(terms);

const eventsOf = (
  seen: WorkloadObservation,
  before: WorkloadObservation | undefined,
  { change, isNew }: Proposal,
  actor: string,
): EventDraft[] => {
  const { id, workload, signals, distress, values, problem, allowed, blocked } = seen;
  const common = { subject: workload, actor };
  const data = { workload, observation: id, signals, distress, values, allowed, blocked, problem };
  return [
    ...(before && newsOf(before) === newsOf(seen)
      ? []
      : [{ ...common, type: EVENT_TYPES.workloadObserved, priority: 'low' as const, data }]),
    ...(isNew && change !== null
      ? [
          {
            ...common,
            type: EVENT_TYPES.tuningProposed,
            actor: SELF,
            correlation: change,
            data: { workload, observation: id, change, actions: allowed },
          },
        ]
      : []),
  ];
};

/** One look at a time for each workload: who asks meanwhile gets what that one sees. */
export const createObserver = (
  parts: Parts,
  observations: ObservationStore,
): { readonly observe: Observe; ended(): Promise<void> } => {
  const { context, workloads } = parts;
  const looking = new Map<string, Promise<WorkloadObservation>>();

  const look = async (id: string, actor: string): Promise<WorkloadObservation> => {
    let record = await workloads.load(id);
    let seen = await lookAtWorkload(parts, record);
    for (;;) {
      context.signal.throwIfAborted();
      const now = await workloads.load(id);
      if (termsOf(now) === termsOf(record)) break;
      // It was registered anew meanwhile: what was seen is not what is asked for now.
      record = now;
      seen = await lookAtWorkload(parts, record);
    }
    const proposal = await proposeTuning(parts, record, seen);
    const { change, note } = proposal;
    const observation = { ...seen.observation, change, note };
    const before = await observations.last(id);
    await context.commit(
      [
        ...observations.add(observation),
        workloads.noteObserved(id, observation.at),
        ...(change === null ? [] : workloads.noteChange(id, change)),
      ],
      eventsOf(observation, before, proposal, actor),
    );
    return observation;
  };

  return {
    observe(id, actor) {
      const before = looking.get(id);
      if (before) return before;
      const now = look(id, actor).finally(() => looking.delete(id));
      looking.set(id, now);
      return now;
    },
    async ended() {
      await Promise.allSettled([...looking.values()]);
    },
  };
};
