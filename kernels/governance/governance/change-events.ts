import { fitForLedger, narrate } from '@holdfast/change';
import {
  EVENT_TYPES,
  kernelPrincipal,
  type Change,
  type ChangeState,
  type StepProgress,
} from '@holdfast/contracts';
import type { EventDraft } from '@holdfast/sdk';

/** The actor of what the engine does by itself. */
export const ENGINE = kernelPrincipal('governance').id;

/** The type that announces the arrival in a state. The gate's three answers are decisions. */
const TYPE_OF: Readonly<Record<ChangeState, string>> = {
  proposed: EVENT_TYPES.changeProposed,
  planned: EVENT_TYPES.changePlanned,
  verified: EVENT_TYPES.changeVerified,
  waiting: EVENT_TYPES.changeDecided,
  approved: EVENT_TYPES.changeDecided,
  blocked: EVENT_TYPES.changeDecided,
  applying: EVENT_TYPES.changeStateChanged,
  watching: EVENT_TYPES.changeStateChanged,
  reverting: EVENT_TYPES.changeStateChanged,
  rejected: EVENT_TYPES.changeRejected,
  expired: EVENT_TYPES.changeExpired,
  cancelled: EVENT_TYPES.changeCancelled,
  done: EVENT_TYPES.changeFinished,
  failed: EVENT_TYPES.changeFinished,
  reverted: EVENT_TYPES.changeFinished,
};

/** Which steps stand where; what they said is in the events of the steps. */
export const outlineSteps = (steps: Change['steps']): Pick<StepProgress, 'key' | 'state'>[] =>
  steps.map(({ key, state }) => ({ key, state }));

/** Who, what and why, with the hash of the plan where there is one. */
const describe = (change: Change): Record<string, unknown> => ({
  change: change.id,
  kind: change.kind,
  target: change.target,
  risk: change.risk,
  plan_hash: change.plan?.hash ?? null,
  proposed_by: change.proposed_by,
  reasons: change.reasons,
  summary: narrate(change),
});

const draft = (
  type: string,
  change: Change,
  actor: string,
  data: Record<string, unknown>,
): EventDraft => ({
  type,
  subject: `changes/${change.id}`,
  actor,
  correlation: change.id,
  data: fitForLedger({ ...describe(change), ...data }),
});

/** The one event of a transition; `version` is that of the change after it. */
export const transitionEvent = (
  change: Change,
  from: ChangeState | null,
  actor: string,
  data: Readonly<Record<string, unknown>> = {},
): EventDraft =>
  draft(TYPE_OF[change.state], change, actor, {
    from,
    to: change.state,
    version: change.version,
    ...data,
  });

/** What one person said about a change; what follows from it is decided, and announced, by the gate. */
export const decisionEvent = (
  type: string,
  change: Change,
  actor: string,
  data: Readonly<Record<string, unknown>>,
): EventDraft => draft(type, change, actor, { version: change.version, ...data });

/** The topics of the fabric document for changes that touch packages. */
export const announceUpdate = (change: Change, to: ChangeState): EventDraft[] => {
  const actor = change.proposed_by;
  if (to === 'proposed' && change.kind === 'packages.update')
    return [draft(EVENT_TYPES.updateProposed, change, actor, { intent: change.intent })];
  if (to === 'done' && change.kind.startsWith('packages.'))
    return [
      draft(EVENT_TYPES.updateCompleted, change, ENGINE, { steps: outlineSteps(change.steps) }),
    ];
  return [];
};
