import { SLOT_NAMES } from '../rows/field-slots.ts';
import { endOfString, startsWith, UNUSUAL } from './json-bytes.ts';

const NONE = -1;

/** Every known name with the quote behind it. */
const NAMES: readonly Uint8Array[] = SLOT_NAMES.map((name) =>
  Uint8Array.from([...name, '"'], (character) => character.charCodeAt(0)),
);
const SLOTS_BY_LENGTH: readonly (readonly number[])[] = Array.from(
  { length: Math.max(...NAMES.map((name) => name.length)) + 1 },
  (_, length) => NAMES.flatMap((name, slot) => (name.length === length ? [slot] : [])),
);

/** Finds out which known field a name is. */
export interface NameMatcher {
  /**
   * The slot of the name that starts at `from`, behind its quote, or -1 for one that nobody knows. Sets `end` to the index
   * behind the quote at its end, or to -1 when the name has an escape or a control character. `ordinal` counts the names
   * of a line: lines mostly have the same names in the same order, so the last answer is tried first.
   */
  match(bytes: Uint8Array, from: number, ordinal: number): number;
  end: number;
}

export const createNameMatcher = (): NameMatcher => {
  const lastSlots: number[] = [];
  const matcher: NameMatcher = {
    end: UNUSUAL,
    match: (bytes, from, ordinal) => {
      const guess = ordinal < lastSlots.length ? (lastSlots[ordinal] as number) : NONE;
      if (guess !== NONE && startsWith(bytes, from, NAMES[guess] as Uint8Array)) {
        matcher.end = from + (NAMES[guess] as Uint8Array).length;
        return guess;
      }
      matcher.end = endOfString(bytes, from);
      const slot = matcher.end === UNUSUAL ? NONE : slotOf(bytes, from, matcher.end);
      lastSlots[ordinal] = slot;
      return slot;
    },
  };
  return matcher;
};

function slotOf(bytes: Uint8Array, from: number, end: number): number {
  const candidates = SLOTS_BY_LENGTH[end - from] ?? [];
  for (let i = 0; i < candidates.length; i += 1) {
    const slot = candidates[i] as number;
    if (startsWith(bytes, from, NAMES[slot] as Uint8Array)) return slot;
  }
  return NONE;
}
