import type { Sample } from '@holdfast/tuning';
import { isRecord, parseJsonLine } from '../files/parse-json-line.ts';
import { timestampOfNumber, timestampOfText } from '../rows/parse-timestamp.ts';
import { numberOfText } from '../rows/parse-number.ts';
import { keyValuePairs } from './key-value-pairs.ts';
import { firstLatencyMsIn, latencyMsOf } from './latency-of-text.ts';
import { splitStamp } from './line-stamp.ts';
import { createSampleReader } from './sample-of-record.ts';

/** `default`: JSON or key=value with a latency. `stdout-jsonl`: JSON with a step and a throughput. */
export type LogFormat = 'default' | 'stdout-jsonl';

export interface LogParser {
  /** The sample of one line, or undefined for a line that carries none. */
  line(text: string): Sample | undefined;
}

const TIME_KEYS = ['ts', 't', 'timestamp', 'time', '@timestamp'] as const;
const THROUGHPUT_KEYS = ['throughput', 'samples_per_sec', 'samples_sec'] as const;
const LATENCY_KEYS = [
  ...['step_time_ms', 'step_time', 'latency_ms', 'latency', 'duration_ms', 'duration'],
  ...['request_duration_ms', 'request_time_ms', 'request_latency_ms', 'response_time_ms'],
  ...['elapsed_ms', 'elapsed', 'took_ms', 'took', 'http.resp.took_ms', 'http_resp_took_ms'],
] as const;

/**
 * Reads the lines of a pod's log, with or without the stamp that `kubectl logs --timestamps` puts before them. `node` is
 * that of samples whose line names none.
 */
export const createLogParser = (format: LogFormat, defaults: { node?: string } = {}): LogParser => {
  const sampleOf = createSampleReader(defaults);

  const readDefault = (payload: string, stampMs: number): Sample | undefined => {
    const record = jsonRecord(payload) ?? keyValuePairs(payload) ?? {};
    const keyed = firstFinite(record, LATENCY_KEYS, latencyMsOf);
    const latencyMs = Number.isNaN(keyed) ? firstLatencyMsIn(payload) : keyed;
    return sampleOf(record, timeOf(record, stampMs), latencyMs, throughputOf(record));
  };
  const readJsonl = (payload: string, stampMs: number): Sample | undefined => {
    const record = jsonRecord(payload);
    const throughput = record ? throughputOf(record) : 0;
    if (record === undefined || !Number.isSafeInteger(record['step']) || throughput === 0)
      return undefined;
    const given = firstFinite(record, LATENCY_KEYS, latencyMsOf);
    const latencyMs = Number.isNaN(given) ? 1000 / throughput : given;
    return sampleOf(record, timeOf(record, stampMs), latencyMs, throughput);
  };
  const read = format === 'default' ? readDefault : readJsonl;

  return {
    line: (text) => {
      const trimmed = text.trim();
      const stamped = splitStamp(trimmed);
      return read(stamped?.payload ?? trimmed, stamped?.timestampMs ?? Number.NaN);
    },
  };
};

/** The object at the end of a payload: launchers and loggers put a rank or a level before it. */
function jsonRecord(payload: string): Readonly<Record<string, unknown>> | undefined {
  const from = payload.indexOf('{');
  const value = from >= 0 && payload.endsWith('}') ? parseJsonLine(payload.slice(from)) : undefined;
  return isRecord(value) ? value : undefined;
}

function timeOf(record: Readonly<Record<string, unknown>>, stampMs: number): number {
  const own = firstFinite(record, TIME_KEYS, (value) => {
    if (typeof value === 'number') return timestampOfNumber(value);
    return typeof value === 'string' ? timestampOfText(value) : Number.NaN;
  });
  return Number.isNaN(own) ? stampMs : own;
}

/** 0: none. */
function throughputOf(record: Readonly<Record<string, unknown>>): number {
  const throughput = firstFinite(record, THROUGHPUT_KEYS, (value) => {
    const number = typeof value === 'string' ? numberOfText(value) : value;
    return typeof number === 'number' && number > 0 ? number : Number.NaN;
  });
  return Number.isNaN(throughput) ? 0 : throughput;
}

/** What `read` makes of the first key that it can read; NaN: none. A key `a.b` is also looked for as `b` within `a`. */
function firstFinite(
  record: Readonly<Record<string, unknown>>,
  keys: readonly string[],
  read: (value: unknown) => number,
): number {
  for (const key of keys) {
    const value = read(Object.hasOwn(record, key) ? record[key] : nested(record, key));
    if (Number.isFinite(value)) return value;
  }
  return Number.NaN;
}

function nested(record: Readonly<Record<string, unknown>>, key: string): unknown {
  let value: unknown = record;
  for (const part of key.split('.'))
    value = isRecord(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  return value;
}
