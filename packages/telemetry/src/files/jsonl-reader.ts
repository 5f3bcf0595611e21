import { createLogParser } from '../logs/log-parser.ts';
import { splitStamp } from '../logs/line-stamp.ts';
import { loadRecord } from '../rows/load-record.ts';
import { isRecord, parseJsonLine } from './parse-json-line.ts';
import type { BlockReader } from './read-blocks.ts';
import type { RowSink } from './row-sink.ts';
import { createJsonRowScanner } from './scan-json-row.ts';

const NEWLINE = 0x0a;

/**
 * Reads lines of JSON into a sink. Blank lines are read and not counted as dropped. A line that starts with a time stamp
 * is a line of a recorded pod log and is read as such, so that recordings of pods replay.
 */
export const createJsonLinesReader = (sink: RowSink): BlockReader => {
  const scan = createJsonRowScanner();
  const logs = createLogParser('default');
  const { ingest, slots } = sink;

  const readUnusual = (line: string): void => {
    if (line === '') return;
    if (splitStamp(line) !== undefined) {
      const sample = logs.line(line);
      if (sample) sink.series.add(sample);
      else sink.drop('invalid_json');
      return;
    }
    const value = parseJsonLine(line);
    if (value === undefined) sink.drop('invalid_json');
    else if (!isRecord(value)) sink.drop('invalid_shape');
    else {
      loadRecord(value, slots);
      sink.addRow();
    }
  };

  return (bytes, start, end) => {
    let at = start;
    while (at < end) {
      ingest.rows_read += 1;
      let next = scan(bytes, at, slots);
      if (next >= 0) sink.addRow();
      else {
        next = bytes.indexOf(NEWLINE, at) + 1;
        readUnusual(bytes.toString('utf8', at, next - 1).trim());
      }
      at = next;
    }
    return end;
  };
};
