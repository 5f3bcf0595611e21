import { decideKillSwitch, isTransient, standing } from '@holdfast/change';
import { HoldfastError, type Change } from '@holdfast/contracts';
import type { Call, EventDraft } from '@holdfast/sdk';
import { isStoreError } from '@holdfast/store';
import { announceUpdate, ENGINE, transitionEvent } from './change-events.ts';
import { freshNotes, hostOf, newChange, type ChangeRecord, type Notes } from './change-record.ts';
import type { Alongside } from './change-store.ts';
import type { GovernanceContext, Parts } from './context.ts';
import { freezeDetail } from './kill-switch.ts';
import { applyMove } from './move.ts';

const RESOLVE_TIMEOUT_MS = 5_000;

/** What somebody wants. `request` is the input of the call, as the Idempotency-Key binds it. */
export interface Proposal {
  readonly op: string;
  readonly request: unknown;
  readonly kind: Change['kind'];
  readonly host: string;
  readonly intent: Record<string, unknown>;
  readonly forced_approval?: boolean;
  /** The name by which the host was asked for, where it is not `host`. */
  readonly asked_host?: string;
  readonly reverts?: string;
}

export interface Birth {
  readonly record: ChangeRecord;
  readonly events: EventDraft[];
}

/** A new change with the events of its birth; nothing is written. */
export const bear = (
  context: GovernanceContext,
  draft: Pick<Proposal, 'kind' | 'intent' | 'reverts'> & {
    readonly target: Record<string, string>;
    readonly proposed_by: string;
    readonly notes: Partial<Notes>;
    /** Who makes it, where that is not the one in whose name it is made. */
    readonly actor?: string;
  },
): Birth => {
  const { notes, actor, ...rest } = draft;
  const bare = newChange({
    ...rest,
    id: context.ids('chg'),
    now: context.clock.now(),
    ttl_s: context.config.change_ttl_s,
  });
  const change = { ...bare, reasons: [standing(bare)] };
  const events = [
    transitionEvent(change, null, actor ?? change.proposed_by, { intent: change.intent }),
    ...announceUpdate(change, 'proposed'),
  ];
  return { record: { change, notes: { ...freshNotes, ...notes } }, events };
};

/** The id of a host that may be called by an alias; the name as given while nobody can say. */
const resolveHost = async (context: GovernanceContext, asked: string): Promise<string> => {
  try {
    const options = { signal: context.signal, timeoutMs: RESOLVE_TIMEOUT_MS };
    return (await context.needs.infrastructure.getHost({ id: asked }, options)).id;
  } catch (error) {
    if (isTransient(error)) return asked;
    throw error;
  }
};

/**
 * Records a proposal durably. With the kill switch on it is born blocked: nothing is looked up or planned for it.
 * Throws change_conflict while another change holds the host, idempotency_mismatch for a reused key.
 */
export const propose = async (
  parts: Parts,
  proposal: Proposal,
  call: Call,
  also: (born: ChangeRecord) => Alongside = () => ({}),
): Promise<Change> => {
  const { context, changes, idempotency } = parts;
  const { op, request } = proposal;
  const replay = (): Promise<Change | undefined> => idempotency.replay<Change>(call, op, request);
  const before = await replay();
  if (before) return before;

  const freeze = await parts.killSwitch.read();
  const host = freeze.on ? proposal.host : await resolveHost(context, proposal.host);
  let { record, events } = bear(context, {
    ...proposal,
    target: { host },
    proposed_by: call.principal.id,
    notes: {
      forced_approval: proposal.forced_approval === true,
      asked_host: proposal.asked_host ?? proposal.host,
    },
  });
  if (freeze.on) {
    const killSwitch = { on: true, detail: freezeDetail(freeze) };
    const gate = decideKillSwitch({ killSwitch }, context.clock.iso());
    const patch = { gate, reasons: gate.reasons };
    const move = { to: 'blocked', actor: ENGINE, patch, data: { decision: gate } } as const;
    const blocked = applyMove(record, move, context.clock.iso());
    record = blocked.record;
    events = [...events, ...blocked.events];
  }

  const more = also(record);
  const remembered = idempotency.remember(call, op, request, record.change);
  try {
    await changes.insert(record, {
      statements: [...remembered, ...(more.statements ?? [])],
      events: [...events, ...(more.events ?? [])],
    });
  } catch (error) {
    if (!isStoreError(error, 'STORE_CONSTRAINT')) throw error;
    const first = await replay();
    if (first) return first;
    const other = await changes.holderOf(hostOf(record.change));
    if (other === undefined) throw error;
    throw new HoldfastError('change_conflict', { other, target: hostOf(record.change) });
  }
  parts.kick(record.change.id);
  return record.change;
};
