/** Longer texts are no names; they are decoded every time. */
const KEPT_BYTES = 64;

/**
 * Text of a range of UTF-8 bytes, decoded anew only when it differs from the last one asked for under the same slot: the
 * names of nodes and GPUs are the same in most rows.
 */
export const createTextCache = (slots: number) => {
  const lastBytes = Array.from({ length: slots }, () => new Uint8Array(KEPT_BYTES));
  const lastLengths = new Uint8Array(slots);
  const lastTexts: string[] = Array.from({ length: slots }, () => '');

  return (slot: number, bytes: Buffer, from: number, to: number): string => {
    const length = to - from;
    if (length > KEPT_BYTES) return bytes.toString('utf8', from, to);
    const known = lastBytes[slot] as Uint8Array;
    let at = lastLengths[slot] === length ? 0 : length + 1;
    while (at < length && known[at] === bytes[from + at]) at += 1;
    if (at === length) return lastTexts[slot] as string;
    for (let i = 0; i < length; i += 1) known[i] = bytes[from + i] as number;
    lastLengths[slot] = length;
    const text = bytes.toString('utf8', from, to);
    lastTexts[slot] = text;
    return text;
  };
};
