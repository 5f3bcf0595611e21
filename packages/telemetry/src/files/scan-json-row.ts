import { SLOT, SLOT_NAMES } from '../rows/field-slots.ts';
import {
  clearSlots,
  KIND,
  pushWorker,
  putNumber,
  putText,
  type RowSlots,
} from '../rows/row-slots.ts';
import { createNumberScanner } from './byte-number.ts';
import * as json from './json-bytes.ts';
import { createJsonSkipper } from './json-skipper.ts';
import { createNameMatcher } from './name-matcher.ts';
import { createTextCache } from './text-cache.ts';

const UNKNOWN = -1;

/**
 * Reads one line of JSON (RFC 8259) into slots without building objects. Returns where the next line starts, or -1 for a
 * line that `JSON.parse` has to judge: one that is no object, has escapes, a known name twice, or workers that are no
 * plain numbers. What it accepts means the same as `JSON.parse` and `loadRecord` make of the line. The line must end with
 * a newline within `bytes`.
 */
export type JsonRowScanner = (bytes: Buffer, start: number, slots: RowSlots) => number;

export const createJsonRowScanner = (): JsonRowScanner => {
  const names = createNameMatcher();
  const numbers = createNumberScanner();
  const skip = createJsonSkipper(numbers);
  const textOf = createTextCache(SLOT_NAMES.length);

  /** Reads the value at `at` into a slot that is known and empty; returns the index behind it. */
  const readValue = (bytes: Buffer, at: number, slot: number, slots: RowSlots): number => {
    const byte = bytes[at] as number;
    if (byte === json.QUOTE) {
      const end = json.endOfString(bytes, at + 1);
      if (end !== json.UNUSUAL) putText(slots, slot, textOf(slot, bytes, at + 1, end - 1));
      return end;
    }
    if (byte === json.OPEN_LIST && slot === SLOT.workers) return readWorkers(bytes, at + 1, slots);
    if (byte === json.OPEN_LIST || byte >= 0x61) {
      if (byte !== json.NULL) slots.kinds[slot] = KIND.other;
      return skip(bytes, at);
    }
    const end = numbers.read(bytes, at);
    if (end !== json.UNUSUAL) putNumber(slots, slot, numbers.value[0] as number);
    return end;
  };

  /** `from` is behind the bracket. */
  const readWorkers = (bytes: Buffer, from: number, slots: RowSlots): number => {
    slots.kinds[SLOT.workers] = KIND.list;
    let at = json.skipBlanks(bytes, from);
    if (bytes[at] === json.CLOSE_LIST) return at + 1;
    for (;;) {
      at = numbers.read(bytes, at);
      const value = numbers.value[0] as number;
      if (at === json.UNUSUAL || !Number.isFinite(value)) return json.UNUSUAL;
      pushWorker(slots, value);
      at = json.skipBlanks(bytes, at);
      const next = bytes[at];
      if (next === json.CLOSE_LIST) return at + 1;
      if (next !== json.COMMA) return json.UNUSUAL;
      at = json.skipBlanks(bytes, at + 1);
    }
  };

  return (bytes, start, slots) => {
    clearSlots(slots);
    let at = json.skipBlanks(bytes, start);
    if (bytes[at] !== json.OPEN_OBJECT) return json.UNUSUAL;
    at = json.skipBlanks(bytes, at + 1);
    for (let ordinal = 0; ; ordinal += 1) {
      if (bytes[at] !== json.QUOTE) return json.UNUSUAL;
      const slot = names.match(bytes, at + 1, ordinal);
      if (names.end === json.UNUSUAL) return json.UNUSUAL;
      if (slot !== UNKNOWN && slots.kinds[slot] !== KIND.absent) return json.UNUSUAL;
      at = json.skipBlanks(bytes, names.end);
      if (bytes[at] !== json.COLON) return json.UNUSUAL;
      at = json.skipBlanks(bytes, at + 1);
      at = slot === UNKNOWN ? skip(bytes, at) : readValue(bytes, at, slot, slots);
      if (at === json.UNUSUAL) return json.UNUSUAL;
      at = json.skipBlanks(bytes, at);
      const next = bytes[at];
      if (next === json.CLOSE_OBJECT) break;
      if (next !== json.COMMA) return json.UNUSUAL;
      at = json.skipBlanks(bytes, at + 1);
    }
    at = json.skipBlanks(bytes, at + 1);
    return bytes[at] === json.NEWLINE ? at + 1 : json.UNUSUAL;
  };
};
