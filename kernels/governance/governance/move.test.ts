import { canTransition } from '@holdfast/change';
import { CHANGE_STATES, isTerminal, type ChangeState } from '@holdfast/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freshNotes, heldTarget, newChange, type ChangeRecord } from './change-record.ts';
import { applyMove } from './move.ts';

const AT = '2026-01-01T00:00:00.000Z';
const born: ChangeRecord = {
  change: newChange({
    id: 'chg_1',
    kind: 'packages.repair',
    target: { host: 'box_linux' },
    intent: {},
    proposed_by: 'ann',
    now: Date.parse(AT),
    ttl_s: 60,
  }),
  notes: freshNotes,
};

const path = fc.array(fc.constantFrom<ChangeState | undefined>(...CHANGE_STATES, undefined), {
  maxLength: 20,
});

describe('a move', () => {
  it('counts the version up by one and tells of exactly the transitions there are', () => {
    fc.assert(
      fc.property(path, (states) => {
        let record = born;
        for (const to of states) {
          const from = record.change.state;
          if (to !== undefined && !canTransition(from, to)) {
            expect(() => applyMove(record, { actor: 'x', to }, AT)).toThrow();
            continue;
          }
          const moved = applyMove(record, { actor: 'x', ...(to && { to }) }, AT);
          const told = moved.events.filter((event) => event.data['to'] !== undefined);
          expect(told.map(({ data }) => [data['from'], data['to']])).toEqual(
            to === undefined ? [] : [[from, to]],
          );
          expect(moved.record.change.version).toBe(record.change.version + 1);
          record = moved.record;
        }
      }),
    );
  });

  it('holds the host until the change is finished, and says when that was', () => {
    fc.assert(
      fc.property(path, (states) => {
        let record = born;
        for (const to of states) {
          if (to === undefined || !canTransition(record.change.state, to)) continue;
          ({ record } = applyMove(record, { actor: 'x', to }, AT));
          const ended = isTerminal(record.change.state);
          expect(heldTarget(record)).toBe(ended ? null : 'host:box_linux');
          expect(record.change.finished_at).toBe(ended ? AT : null);
        }
      }),
    );
  });

  it('gives the state its words as a reason, unless it has reasons of its own', () => {
    const planned = applyMove(born, { actor: 'x', to: 'planned' }, AT).record;
    expect(planned.change.reasons).toMatchObject([{ code: 'planned' }]);
    const reasons = [{ code: 'kill_switch', detail: 'the kill switch is on' }];
    const move = { actor: 'x', to: 'blocked', patch: { reasons } } as const;
    expect(applyMove(planned, move, AT).record.change.reasons).toEqual(reasons);
  });

  it('forgets failures when the change gets on', () => {
    const failing = { failures: 3, failing_since: AT };
    const stuck = applyMove(born, { actor: 'x', notes: failing }, AT).record;
    expect(stuck.notes).toMatchObject(failing);
    const { notes } = applyMove(stuck, { actor: 'x', to: 'planned' }, AT).record;
    expect(notes).toMatchObject({ failures: 0, failing_since: null });
  });
});
