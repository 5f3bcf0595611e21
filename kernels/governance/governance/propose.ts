import { isTransient, standing } from '@holdfast/change';
import { HoldfastError, targetKey, type Change } from '@holdfast/contracts';
import type { Call, EventDraft } from '@holdfast/sdk';
import { isStoreError } from '@holdfast/store';
import { announceUpdate, ENGINE, transitionEvent } from './change-events.ts';
import { freshNotes, hostOf, newChange, type ChangeRecord, type Notes } from './change-record.ts';
import type { Alongside } from './change-store.ts';
import type { GovernanceContext, Parts } from './context.ts';
import { judgeUnplanned } from './gate/unplanned.ts';
import { applyMove } from './move.ts';

/** What somebody wants. `request` is the input of the call, as the Idempotency-Key binds it. */
export interface Proposal {
  readonly op: string;
  readonly request: unknown;
  readonly kind: Change['kind'];
  readonly target: Readonly<Record<string, string>>;
  readonly intent: Record<string, unknown>;
  readonly forced_approval?: boolean;
  /** The name by which the host was asked for, where it is not that of the target. */
  readonly asked_host?: string;
  /** Applied only once somebody asks for it. */
  readonly hold?: boolean;
  /** The most is what the profile allows. */
  readonly ttl_s?: number;
  readonly reverts?: string;
}

export interface Birth {
  readonly record: ChangeRecord;
  readonly events: EventDraft[];
}

/** A new change with the events of its birth; nothing is written. */
export const bear = (
  context: GovernanceContext,
  draft: Pick<Proposal, 'kind' | 'intent' | 'reverts' | 'hold' | 'ttl_s'> & {
    readonly target: Record<string, string>;
    readonly proposed_by: string;
    readonly notes: Partial<Notes>;
    /** Who makes it, where that is not the one in whose name it is made. */
    readonly actor?: string;
  },
): Birth => {
  const { notes, actor, hold, ttl_s, ...rest } = draft;
  const most = context.config.change_ttl_s;
  const bare = newChange({
    ...rest,
    id: context.ids('chg'),
    now: context.clock.now(),
    ttl_s: Math.min(ttl_s ?? most, most),
    held: hold === true,
  });
  const change = { ...bare, reasons: [standing(bare)] };
  const events = [
    transitionEvent(change, null, actor ?? change.proposed_by, { intent: change.intent }),
    ...announceUpdate(change, 'proposed'),
  ];
  return { record: { change, notes: { ...freshNotes, ...notes } }, events };
};

/** The target with the id of a host that may be called by an alias; as given while nobody can say. */
const resolveTarget = async (
  { hosts }: Parts,
  target: Proposal['target'],
): Promise<Record<string, string>> => {
  const { host } = target;
  if (host === undefined) return target;
  try {
    return { ...target, host: (await hosts.find(host)).id };
  } catch (error) {
    if (isTransient(error)) return target;
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
  also: (born: ChangeRecord) => Alongside | Promise<Alongside> = () => ({}),
): Promise<Change> => {
  const { context, changes, idempotency } = parts;
  const { op, request } = proposal;
  const replay = (): Promise<Change | undefined> => idempotency.replay<Change>(call, op, request);
  const before = await replay();
  if (before) {
    // Its first call may not have known that it was written.
    parts.kick(before.id);
    return before;
  }

  const freeze = await parts.killSwitch.read();
  const target = freeze.on ? proposal.target : await resolveTarget(parts, proposal.target);
  const { id: proposed_by, kind, role } = call.principal;
  let { record, events } = bear(context, {
    ...proposal,
    target,
    proposed_by,
    notes: {
      forced_approval: proposal.forced_approval === true,
      asked_host: proposal.asked_host ?? hostOf(proposal),
      author: { kind, role },
      author_makers: await parts.identity.makersOfCall(call.principal),
    },
  });
  let caught: Alongside = {};
  if (freeze.on) {
    const { gate, hits } = await judgeUnplanned(parts, record);
    const patch = { gate, reasons: gate.reasons };
    const move = { to: 'blocked', actor: ENGINE, patch, data: { decision: gate } } as const;
    // Somebody may have turned it off in between: then it is planned like any other.
    if (!gate.allowed) {
      caught = await parts.cases.open(record, hits);
      const blocked = applyMove(record, move, context.clock.iso());
      record = blocked.record;
      events = [...events, ...blocked.events];
    }
  }

  const more = await also(record);
  const remembered = idempotency.remember(call, op, request, record.change);
  try {
    await changes.insert(record, {
      others: more.others ?? [],
      statements: [...remembered, ...(more.statements ?? []), ...(caught.statements ?? [])],
      events: [...events, ...(more.events ?? []), ...(caught.events ?? [])],
    });
  } catch (error) {
    // What else is written with it (a tripwire case, the change that it undoes) has moved meanwhile.
    if (isStoreError(error, 'WRITE_CONFLICT')) return propose(parts, proposal, call, also);
    if (isStoreError(error, 'STORE_UNKNOWN')) parts.kick(record.change.id);
    if (!isStoreError(error, 'STORE_CONSTRAINT')) throw error;
    const first = await replay();
    if (first) return first;
    const key = targetKey(record.change.target);
    const other = await changes.holderOf(key);
    // The change that was in the way has ended meanwhile.
    if (other === undefined) return propose(parts, proposal, call, also);
    throw new HoldfastError('change_conflict', { other, target: key });
  }
  parts.kick(record.change.id);
  parts.cases.kick();
  return record.change;
};
