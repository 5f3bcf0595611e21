import { decideKillSwitch, type Turn } from '@holdfast/change';
import { HoldfastError, targetKey, type ChangeState } from '@holdfast/contracts';
import type { Clock } from '@holdfast/sdk';
import { isStoreError } from '@holdfast/store';
import { ENGINE } from './change-events.ts';
import type { ChangeRecord } from './change-record.ts';
import type { Alongside } from './change-store.ts';
import type { Parts } from './context.ts';
import { askGateAgain, dryRun, judge, shouldReplan, standingOf, type Judged } from './deciding.ts';
import { freezeDetail } from './freezes/kill-switch.ts';
import { freezesAgainst } from './gate/freezes-against.ts';
import { createPoliciesAhead, type PoliciesAhead } from './gate/policies-ahead.ts';
import { judgeUnplanned } from './gate/unplanned.ts';
import { applyMove, type Move, type Moved } from './move.ts';
import { planChange } from './planning.ts';
import { awaitReceipt, hasReceipt, needsReceipt } from './receipt.ts';

const AGAIN: Turn = { wait_ms: 0 };

/** What a look at a change came to: the move that follows from it, or that there is nothing to move for now. */
type Outcome = Judged | Turn;

interface Looking {
  /** The record is in the store as it is. */
  readonly isWritten: boolean;
  readonly policies: PoliciesAhead;
}

/** Looks at a change and changes nothing. */
type Look = (parts: Parts, record: ChangeRecord, looking: Looking) => Promise<Outcome>;

const just = (move: Move): Judged => ({ move, also: {} });

const plan: Look = async (parts, record) => {
  const { gate, hits } = await judgeUnplanned(parts, record);
  if (gate.allowed) return just(await planChange(parts, record));
  const patch = { gate, reasons: gate.reasons };
  const move = { to: 'blocked', actor: ENGINE, patch, data: { decision: gate } } as const;
  return { move, also: await parts.cases.open(record, hits) };
};

const verify: Look = async (parts, record, { policies }) => {
  // What failed before may go on failing: the policies are not asked about it over and over.
  if (record.notes.failures === 0) policies.ask(record);
  const report = await dryRun(parts, record);
  const patch = { verify: report };
  return just({ to: 'verified', actor: ENGINE, patch, data: { verify: report } });
};

const decide: Look = async (parts, record, { policies }) =>
  shouldReplan(record)
    ? just(await planChange(parts, record))
    : judge(parts, record, record.change.verify, () => policies.verdictOn(record));

/** A decision that is older than this is not acted on: the gate is asked again about the world as it is now. */
const DECISION_MS = 30_000;

/**
 * A decision does not outlive what it rests on: keys may have been revoked since, something may have been frozen, and what
 * was on hold was decided when nobody had asked for it yet.
 */
const isOutdated = async (parts: Parts, record: ChangeRecord): Promise<boolean> => {
  const decided = Date.parse(record.change.gate?.decided_at ?? '');
  const { released_at } = record.notes;
  const wasHeld = released_at !== null && !(decided >= Date.parse(released_at));
  const isOld = !(parts.context.clock.now() - decided < DECISION_MS);
  if (wasHeld || isOld || (await freezesAgainst(parts, record)).length > 0) return true;
  return !(await standingOf(parts, record)).decision.allowed;
};

/**
 * The word that it will be applied: from here on it cannot be taken back. What is held waits until somebody asks for it.
 * Riskier changes first wait until the ledger has signed for the decision. The kill switch has the last word.
 */
const commitToApply: Look = async (parts, record, { isWritten }) => {
  const { change } = record;
  const { clock } = parts.context;
  if (!isWritten && (change.held || needsReceipt(record))) return AGAIN;
  if (change.held) return { wait_ms: Math.max(1, Date.parse(change.expires_at) - clock.now()) };
  if (needsReceipt(record) && !(await hasReceipt(parts, record)))
    return awaitReceipt(parts, record);
  if (isWritten && (await isOutdated(parts, record))) {
    await askGateAgain(parts, record);
    return AGAIN;
  }
  const freeze = await parts.killSwitch.read();
  const killSwitch = { on: freeze.on, detail: freezeDetail(freeze) };
  const gate = decideKillSwitch({ killSwitch }, clock.iso());
  if (gate.allowed) return just({ to: 'applying', actor: ENGINE });
  const patch = { gate, reasons: gate.reasons };
  return just({ to: 'blocked', actor: ENGINE, patch, data: { decision: gate } });
};

const LOOKS: Readonly<Partial<Record<ChangeState, Look>>> = {
  proposed: plan,
  planned: verify,
  verified: decide,
  approved: commitToApply,
};

/** Who watches a change sees a state within this time, or the one that follows it. */
const SHOWN_AFTER_MS = 25;

const isQuick = async (looking: Promise<unknown>, clock: Clock): Promise<boolean> => {
  const done = new AbortController();
  const settled = looking.then(
    () => true,
    () => true,
  );
  const late = clock.sleep(SHOWN_AFTER_MS, done.signal).then(() => false);
  try {
    return await Promise.race([settled, late]);
  } finally {
    done.abort('settled');
  }
};

/** Moves that were decided and are not durable yet. */
const createUnwritten = (parts: Parts, record: ChangeRecord) => {
  let written = record;
  let moved: Moved[] = [];
  let also: Alongside = {};
  return {
    isEmpty: () => moved.length === 0,
    add(seen: ChangeRecord, judged: Judged): ChangeRecord {
      const next = applyMove(seen, judged.move, parts.context.clock.iso());
      moved = [...moved, next];
      also = {
        statements: [...(also.statements ?? []), ...(judged.also.statements ?? [])],
        events: [...(also.events ?? []), ...(judged.also.events ?? [])],
      };
      return next.record;
    },
    async write(): Promise<void> {
      if (moved.length === 0) return;
      const target = targetKey(moved.at(-1)!.record.change.target);
      try {
        written = await parts.changes.commitAll(written, moved, also);
      } catch (error) {
        if (!isStoreError(error, 'STORE_CONSTRAINT')) throw error;
        const other = (await parts.changes.holderOf(target)) ?? 'another change';
        throw new HoldfastError('change_conflict', { other, target });
      }
      moved = [];
      also = {};
      parts.cases.kick();
    },
  };
};

const isMove = (outcome: Outcome): outcome is Judged => outcome !== 'done' && 'move' in outcome;

/**
 * Takes a change from its proposal to the point at which it is applied, or to where it stops before. None of that
 * changes anything but the record, so moves that follow each other at once share one durable write; one that others
 * have to wait for is written first.
 */
export const runUp = async (parts: Parts, record: ChangeRecord): Promise<Turn> => {
  const unwritten = createUnwritten(parts, record);
  const policies = createPoliciesAhead(parts);
  let seen = record;
  for (let look = LOOKS[seen.change.state]; look; look = LOOKS[seen.change.state]) {
    const looking = look(parts, seen, { isWritten: unwritten.isEmpty(), policies });
    if (!unwritten.isEmpty() && !(await isQuick(looking, parts.context.clock)))
      await unwritten.write();
    let outcome: Outcome;
    try {
      outcome = await looking;
    } catch (error) {
      if (unwritten.isEmpty()) throw error;
      // What was found out before is kept; the next turn meets the failure again and counts it.
      await unwritten.write();
      return AGAIN;
    }
    if (!isMove(outcome)) {
      await unwritten.write();
      return outcome;
    }
    seen = unwritten.add(seen, outcome);
    if (outcome.move.to === undefined) break;
  }
  await unwritten.write();
  return AGAIN;
};
