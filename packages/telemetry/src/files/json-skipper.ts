import type { NumberScanner } from './byte-number.ts';
import * as json from './json-bytes.ts';

/** Deeper values are left to `JSON.parse`. */
const DEEPEST = 16;

/**
 * Index behind the value at `at`, which is checked but not kept; unusual for what is no JSON, has escapes, or is nested
 * too deeply. Blanks around the value are the caller's.
 */
export type JsonSkipper = (bytes: Buffer, at: number) => number;

export const createJsonSkipper = (numbers: NumberScanner): JsonSkipper => {
  const skip = (bytes: Buffer, at: number, depth: number): number => {
    const byte = bytes[at] as number;
    if (byte === json.QUOTE) return json.endOfString(bytes, at + 1);
    if (byte === json.OPEN_LIST || byte === json.OPEN_OBJECT)
      return depth === DEEPEST ? json.UNUSUAL : skipMembers(bytes, at, depth + 1);
    return byte >= 0x61 ? json.endOfLiteral(bytes, at) : numbers.read(bytes, at);
  };
  const skipMembers = (bytes: Buffer, open: number, depth: number): number => {
    const isObject = bytes[open] === json.OPEN_OBJECT;
    const close = isObject ? json.CLOSE_OBJECT : json.CLOSE_LIST;
    let at = json.skipBlanks(bytes, open + 1);
    if (bytes[at] === close) return at + 1;
    for (;;) {
      if (isObject) {
        if (bytes[at] !== json.QUOTE) return json.UNUSUAL;
        at = json.endOfString(bytes, at + 1);
        if (at === json.UNUSUAL) return json.UNUSUAL;
        at = json.skipBlanks(bytes, at);
        if (bytes[at] !== json.COLON) return json.UNUSUAL;
        at = json.skipBlanks(bytes, at + 1);
      }
      at = skip(bytes, at, depth);
      if (at === json.UNUSUAL) return json.UNUSUAL;
      at = json.skipBlanks(bytes, at);
      if (bytes[at] === close) return at + 1;
      if (bytes[at] !== json.COMMA) return json.UNUSUAL;
      at = json.skipBlanks(bytes, at + 1);
    }
  };
  return (bytes, at) => skip(bytes, at, 0);
};
