import { TRANSITIONS } from '@holdfast/change';
import { isTerminal, type ChangeState, type Event } from '@holdfast/contracts';
import type { Rows } from '../store/rows.ts';
import { operationOf } from '../world/hosts.ts';
import { BOT } from '../world/people.ts';
import { changesOf, runOf, type KeptChange, type Evidence } from './evidence.ts';

export interface Stores {
  readonly governance: Rows;
  readonly workflow: Rows;
  readonly bus: Rows;
  readonly ledger: Rows;
}

type Say = (words: string) => void;

const checkRepeats = ({ effects }: Evidence, say: Say): void => {
  const seen = new Set<string>();
  for (const { run, step } of effects) {
    const id = `${run}/${step}`;
    if (seen.has(id)) say(`step ${id} was applied twice`);
    seen.add(id);
  }
};

/** From an answer that it is on until it is really off no owner is asked for a step. */
const checkFrozen = ({ switched, handedOut, heard }: Evidence, say: Say): void => {
  for (const from of heard.frozen) {
    const last = switched.findLast((move) => move.at <= from);
    if (last?.on !== true) continue;
    const to = switched.find((move) => move.at > from && !move.on)?.at ?? Infinity;
    for (const { at, id } of handedOut)
      if (at > from && at < to)
        say(`step ${id} was handed out ${(at - from).toFixed(1)} ms after the kill switch was on`);
  }
};

const checkAcknowledged = ({ heard }: Evidence, changes: readonly KeptChange[], say: Say): void => {
  for (const { change: id, author, act } of heard.acknowledged) {
    const kept = changes.find(({ change }) => change.id === id);
    if (!kept) say(`${act}: change ${id} was acknowledged and is not there`);
    else if (kept.change.proposed_by !== author) say(`${act}: ${id} is not in its author's name`);
  }
  const byAct = new Map<string, string>();
  for (const { act, change } of heard.acknowledged) {
    if ((byAct.get(act) ?? change) !== change) say(`${act}: made two changes`);
    byAct.set(act, change);
  }
};

const checkApprovals = ({ heard }: Evidence, changes: readonly KeptChange[], say: Say): void => {
  for (const { change: id, who, planHash } of heard.approvals) {
    const change = changes.find((kept) => kept.change.id === id)?.change;
    if (who === BOT) say(`an AI approved change ${id}`);
    if (change?.proposed_by === who) say(`${who} approved change ${id}, an own one`);
    if (/^0+$/.test(planHash)) say(`${who} approved a plan of change ${id} that is none`);
  }
  for (const { change, notes } of changes) {
    const hasRun = ['applying', 'watching', 'done', 'reverting', 'reverted'].includes(change.state);
    const needed = change.gate?.allowed === true && notes['forced_approval'] === true;
    if (!hasRun || !needed || notes['automatic'] === true) continue;
    const people = new Set(
      change.approvals
        .filter((one) => one.plan_hash === change.plan?.hash && one.principal !== BOT)
        .map((one) => one.principal)
        .filter((one) => one !== change.proposed_by),
    );
    if (people.size === 0) say(`change ${change.id} was applied without an approval`);
  }
};

/** Follows the events of one change: one legal path from its birth to its final state. */
const checkPath = (record: Evidence, { change }: KeptChange, say: Say): void => {
  let state: ChangeState | null = null;
  let version = 0;
  for (const { event } of record.announced) {
    if (event.correlationid !== change.id || event.data['to'] === undefined) continue;
    const {
      from,
      to,
      version: next,
    } = event.data as {
      from: ChangeState | null;
      to: ChangeState;
      version: number;
    };
    if (from !== state) say(`change ${change.id} moved from ${from}, but it was ${state}`);
    if (next <= version) say(`change ${change.id} has version ${next} after ${version}`);
    const legal = from === null ? to === 'proposed' : TRANSITIONS[from].includes(to);
    const isDecidedAgain = from === 'approved' && to === 'approved';
    if (!legal && !isDecidedAgain) say(`change ${change.id} moved from ${from} to ${to}`);
    state = to;
    version = next;
  }
  if (state !== change.state) say(`change ${change.id} is ${change.state}, announced is ${state}`);
  if (!isTerminal(change.state)) say(`change ${change.id} came to no end: it is ${change.state}`);
};

/** A change is done only after it was seen to be as planned; one that is undone left the world as it was. */
const checkOutcome = (record: Evidence, { change }: KeptChange, workflow: Rows, say: Say): void => {
  const { id, state, plan } = change;
  const host = change.target['host'] ?? '';
  if (state === 'done' && change.observation?.status !== 'as_planned')
    say(`change ${id} is done, but was seen ${change.observation?.status ?? 'by nobody'}`);
  if (
    state === 'done' &&
    plan?.steps.some(({ key }) => runStepState(workflow, id, key) !== 'succeeded')
  )
    say(`change ${id} is done, but not every step of its run`);
  const before = record.before.get(id);
  const after = record.after.get(id);
  if (!plan || !before || !after || record.drifted.has(host)) return;
  for (const { do: action } of plan.steps) {
    const { package: name, to } = operationOf(action);
    const now = after[name] ?? null;
    const was = before[name] ?? null;
    if (state === 'done' && now !== to)
      say(`change ${id} is done, but ${name} is ${now}, not ${to}`);
    if (state === 'reverted' && now !== was)
      say(`change ${id} is undone, but ${name} is ${now}, it was ${was}`);
  }
  const run = runOf(workflow, id)?.run;
  const changed = record.effects.some((effect) => effect.run === id && effect.changed);
  if (changed && run?.state === 'failed' && !run.needs_revert && state === 'failed') {
    const left = plan.steps.filter(({ do: action }) => {
      const { package: name } = operationOf(action);
      return (after[name] ?? null) !== (before[name] ?? null);
    });
    if (left.length > 0)
      say(
        `change ${id} says that nothing was changed, but ${left.map(({ key }) => key).join(', ')} was`,
      );
  }
};

const runStepState = (workflow: Rows, run: string, key: string): string | undefined =>
  runOf(workflow, run)?.run.steps.find((step) => step.key === key)?.state;

interface Kept {
  readonly id: string;
  readonly type: string | undefined;
}

const entriesOf = ({ ledger }: Stores): Kept[] =>
  ledger.read('SELECT id, body FROM entries ORDER BY idx').map(({ id, body }) => ({
    id: String(id),
    type: (JSON.parse(String(body)) as { type?: string }).type,
  }));

/** Every committed event is kept once, says the same there, and stands behind what its kernel said before. */
const checkKept = (record: Evidence, entries: readonly Kept[], where: string, say: Say): void => {
  const positions = new Map<string, number>();
  entries.forEach(({ id }, at) => {
    if (positions.has(id)) say(`event ${id} is ${where} twice`);
    positions.set(id, at);
  });
  const last = new Map<string, number>();
  for (const { kernel, event } of record.announced) {
    const at = positions.get(event.id);
    if (at === undefined) {
      say(`event ${event.id} (${event.type}) of ${kernel} is not ${where}`);
      continue;
    }
    if (at <= (last.get(kernel) ?? -1)) say(`event ${event.id} of ${kernel} is out of order`);
    last.set(kernel, at);
    if (entries[at]!.type !== event.type) say(`event ${event.id} says something else ${where}`);
  }
  if (entries.length !== record.announced.length)
    say(`${record.announced.length} events were committed, ${entries.length} are ${where}`);
};

/**
 * Everything that has to be so when a history is over. `arrived`: the events that reached what stood in for the bus, where
 * there was neither bus nor ledger.
 */
export const checkHistory = (
  stores: Stores,
  record: Evidence,
  arrived: readonly Event[] | undefined,
): void => {
  const say: Say = (words) => void record.problems.push(words);
  const changes = changesOf(stores.governance);
  checkRepeats(record, say);
  checkFrozen(record, say);
  checkAcknowledged(record, changes, say);
  checkApprovals(record, changes, say);
  for (const kept of changes) {
    checkPath(record, kept, say);
    checkOutcome(record, kept, stores.workflow, say);
  }
  if (arrived) checkKept(record, arrived, 'at the bus', say);
  else checkKept(record, entriesOf(stores), 'in the ledger', say);
};
