import { timestampOfText } from '../rows/parse-timestamp.ts';

const STAMP =
  /^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:[Zz]|[+-]\d\d:?\d\d))(?:\s+|$)/;

/** The time stamp that `kubectl logs --timestamps` puts before a line, and what stands behind it. */
export interface StampedLine {
  timestampMs: number;
  payload: string;
}

/** Undefined for a line that does not start with an RFC 3339 time. */
export const splitStamp = (line: string): StampedLine | undefined => {
  const match = STAMP.exec(line);
  if (match === null) return undefined;
  const timestampMs = timestampOfText(match[1] as string);
  return Number.isNaN(timestampMs)
    ? undefined
    : { timestampMs, payload: line.slice(match[0].length) };
};
