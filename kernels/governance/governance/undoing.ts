import { reasonOf, type Turn } from '@holdfast/change';
import { isHoldfastError, isTerminal, type Change, type Reason } from '@holdfast/contracts';
import { ENGINE } from './change-events.ts';
import type { ChangeRecord } from './change-record.ts';
import type { Parts } from './context.ts';
import { freezeDetail } from './freezes/kill-switch.ts';
import { checkUndoable, startUndo } from './undo.ts';

const IDLE: Turn = { wait_ms: 60_000 };

const stoppedByKillSwitch = ({ reasons }: Change): boolean =>
  reasons.some((reason) => reason.code === 'kill_switch');

const failed = async (parts: Parts, record: ChangeRecord, reason: Reason): Promise<Turn> => {
  const reasons = [...record.change.reasons, reason];
  await parts.changes.commit(record, { to: 'failed', actor: ENGINE, patch: { reasons } });
  return 'done';
};

/** Creates the undo, or says why there is none. While the kill switch is on not even an undo is started. */
const begin = async (parts: Parts, record: ChangeRecord): Promise<Turn> => {
  try {
    checkUndoable(record.change);
  } catch (error) {
    if (!isHoldfastError(error, 'revert_impossible')) throw error;
    return failed(parts, record, reasonOf(error));
  }
  const freeze = await parts.killSwitch.read();
  if (!freeze.on) {
    await startUndo(parts, record);
    return IDLE;
  }
  if (record.change.reasons.some(({ detail }) => detail.startsWith(HELD))) return IDLE;
  const held = { code: 'kill_switch', detail: `${HELD}: ${freezeDetail(freeze)}` };
  const reasons = [...record.change.reasons, held];
  await parts.changes.commit(record, { actor: ENGINE, patch: { reasons } });
  return IDLE;
};

const HELD = 'the undo waits for the kill switch to be turned off';

const settle = async (parts: Parts, record: ChangeRecord, undo: Change): Promise<Turn> => {
  if (undo.state === 'done') {
    await parts.changes.commit(record, {
      to: 'reverted',
      actor: ENGINE,
      patch: { reasons: record.change.reasons },
      data: { reverted_by: undo.id },
    });
    return 'done';
  }
  if (stoppedByKillSwitch(undo)) {
    const patch = { reverted_by: null };
    await parts.changes.commit(record, { actor: ENGINE, patch, notes: { handed_over: false } });
    return { wait_ms: 0 };
  }
  const why = undo.reasons.map((reason) => reason.detail).join('; ');
  const code = undo.reasons[0]?.code ?? 'step_failed';
  const detail = `its undo, change ${undo.id}, ended ${undo.state}: ${why}`.slice(0, 4000);
  return failed(parts, record, { code, detail });
};

/** Brings a change that failed half-way to its end: undone, or failed with what is left and why. */
export const watchUndo = async (parts: Parts, record: ChangeRecord): Promise<Turn> => {
  if (record.change.reverted_by === null) return begin(parts, record);
  const undo = await parts.changes.load(record.change.reverted_by);
  return isTerminal(undo.change.state) ? settle(parts, record, undo.change) : IDLE;
};
