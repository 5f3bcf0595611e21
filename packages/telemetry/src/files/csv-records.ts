const QUOTE = 0x22;
const COMMA = 0x2c;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Where the fields of one record lie: field i is the bytes from `starts[i]` to `ends[i]`. */
export interface CsvRecord {
  readonly starts: number[];
  readonly ends: number[];
  /** Fields that stood in quotes with doubled quotes inside: each pair means one. */
  readonly doubled: boolean[];
  count: number;
}

export const createCsvRecord = (): CsvRecord => ({ starts: [], ends: [], doubled: [], count: 0 });

/**
 * Finds the fields of the record that starts at `start` (RFC 4180; a lone newline ends a record too). Returns where the
 * next record starts, or -1 when the bytes end inside quotes. `end` is behind a newline. With `isLast`, an open quote ends
 * with the bytes.
 */
export const splitCsvRecord = (
  bytes: Buffer,
  start: number,
  end: number,
  isLast: boolean,
  record: CsvRecord,
): number => {
  record.count = 0;
  let at = start;
  for (;;) {
    const quoted = bytes[at] === QUOTE;
    let from = at;
    let doubled = false;
    if (quoted) {
      from = at + 1;
      at = from;
      while (at < end && !(bytes[at] === QUOTE && bytes[at + 1] !== QUOTE)) {
        if (bytes[at] === QUOTE) {
          doubled = true;
          at += 1;
        }
        at += 1;
      }
      if (at >= end && !isLast) return -1;
    }
    const quoteEnd = Math.min(at, end);
    while (at < end && bytes[at] !== COMMA && bytes[at] !== NEWLINE) at += 1;
    const isRecordEnd = at >= end || bytes[at] === NEWLINE;
    let to = quoted ? quoteEnd : at;
    if (!quoted && isRecordEnd && to > from && bytes[to - 1] === RETURN) to -= 1;
    record.starts[record.count] = from;
    record.ends[record.count] = to;
    record.doubled[record.count] = doubled;
    record.count += 1;
    at += 1;
    if (isRecordEnd) return Math.min(at, end);
  }
};

/** The text of a field. */
export const csvFieldText = (bytes: Buffer, record: CsvRecord, field: number): string => {
  const text = bytes.toString('utf8', record.starts[field], record.ends[field]);
  return record.doubled[field] ? text.replaceAll('""', '"') : text;
};
