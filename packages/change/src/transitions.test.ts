import { CHANGE_STATES, TERMINAL_STATES, isHoldfastError, isTerminal } from '@holdfast/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertTransition, canTransition, isStoppable, TRANSITIONS } from './transitions.ts';

const state = fc.constantFrom(...CHANGE_STATES);

describe('transitions of a change', () => {
  it('never leave a terminal state, and every other state has a way on', () => {
    for (const from of CHANGE_STATES) {
      expect(TRANSITIONS[from].length === 0, from).toBe(isTerminal(from));
    }
  });

  it('follow only the table on any path', () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 12 }), (path) => {
        let at: (typeof CHANGE_STATES)[number] = 'proposed';
        let ended = false;
        for (const next of path) {
          if (!canTransition(at, next)) continue;
          expect(ended).toBe(false);
          at = next;
          ended = isTerminal(at);
        }
      }),
    );
  });

  it('can end a change from every state', () => {
    const ends = (from: (typeof CHANGE_STATES)[number], seen: readonly string[]): boolean =>
      isTerminal(from) ||
      TRANSITIONS[from].some((to) => !seen.includes(to) && ends(to, [...seen, to]));
    for (const from of CHANGE_STATES) expect(ends(from, [from]), from).toBe(true);
  });

  it('reach every state from proposed', () => {
    const reached = new Set<string>(['proposed']);
    for (const from of reached) {
      for (const to of TRANSITIONS[from as 'proposed']) reached.add(to);
    }
    expect([...reached].toSorted()).toEqual([...CHANGE_STATES].toSorted());
  });

  it('refuse with change_state, naming the state and what was tried', () => {
    try {
      assertTransition('chg-1', 'done', 'cancelled', 'cancelled');
      expect.unreachable();
    } catch (error) {
      expect(isHoldfastError(error, 'change_state')).toBe(true);
      expect(String(error)).toContain('chg-1 is done: it cannot be cancelled');
    }
    for (const from of TERMINAL_STATES) {
      for (const to of CHANGE_STATES) {
        expect(() => assertTransition('c', from, to, 'moved')).toThrow();
      }
    }
  });

  it('take a change back only before anything of it was started', () => {
    const stoppable = CHANGE_STATES.filter(isStoppable);
    expect(stoppable).toEqual(['proposed', 'planned', 'verified', 'waiting', 'approved']);
  });
});
