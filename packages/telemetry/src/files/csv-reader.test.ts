import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SLOT_NAMES } from '../rows/field-slots.ts';
import { loadRecord } from '../rows/load-record.ts';
import { createCsvReader } from './csv-reader.ts';
import { createRowSink, type RowSink } from './row-sink.ts';

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
/** As writers of CSV do: in quotes where it must be, or always. */
const fieldOf = (text: string, always: boolean) =>
  always || /[",\r\n]/.test(text) ? quoted(text) : text;

const field = fc.oneof(
  fc.double({ min: -1e6, max: 1e6, noNaN: true }).map(String),
  fc.integer({ min: 0, max: 2_000_000_000 }).map(String),
  fc.string(),
  fc.constantFrom(
    '',
    ' 5 ',
    '007',
    '1.50',
    '5%',
    '-0',
    '+3',
    '1e3',
    '[1,2]',
    'a"b',
    'a,b',
    'a\nb',
    'nan',
  ),
);
const table = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom(...SLOT_NAMES, 'other', 'more'), {
      minLength: 4,
      maxLength: 10,
    }),
    fc.array(fc.array(field, { minLength: 10, maxLength: 10 }), { maxLength: 12 }),
  )
  .map(([names, rows]) => ({
    names: [
      'ts',
      'step_time_ms',
      ...names.filter((name) => !['ts', 'step_time_ms'].includes(name)),
    ],
    rows,
  }));

/** Hands the bytes over in blocks that end at newlines, as a file is read; what is not used comes again. */
const readInBlocks = (sink: RowSink, text: string, blockBytes: number): void => {
  const reader = createCsvReader(sink);
  const bytes = Buffer.from(text);
  let start = 0;
  let end = 0;
  while (end < bytes.length) {
    const newline = bytes.indexOf(0x0a, Math.min(end + blockBytes, bytes.length - 1));
    end = newline + 1 || bytes.length;
    start = reader(bytes, start, end, end === bytes.length);
  }
  expect(start).toBe(bytes.length);
};
const rowsOf = ({ series }: RowSink) =>
  Array.from({ length: series.length }, (_, row) => [
    series.value('timestamp_ms', row),
    series.value('latency_ms', row),
    series.value('loss', row),
    series.value('worker_max', row),
    series.value('gpu_util_pct', row),
    series.value('gpu_mem_util_pct', row),
    series.value('step', row),
    series.node(row),
    series.gpuModel(row),
  ]);

describe('a reader of CSV', () => {
  test('gives what the same fields give as an object of texts, however the bytes are cut', () => {
    fc.assert(
      fc.property(table, fc.boolean(), fc.nat({ max: 60 }), ({ names, rows }, always, block) => {
        const expected = createRowSink();
        for (const row of rows) {
          expected.ingest.rows_read += 1;
          loadRecord(Object.fromEntries(names.map((name, i) => [name, row[i]])), expected.slots);
          expected.addRow();
        }
        const lines = [names, ...rows.map((row) => row.slice(0, names.length))].map((fields) =>
          fields.map((text) => fieldOf(text, always)).join(','),
        );
        const actual = createRowSink();
        readInBlocks(actual, `${lines.join(always ? '\r\n' : '\n')}\n`, block);
        expect(actual.ingest).toEqual(expected.ingest);
        expect(rowsOf(actual)).toEqual(rowsOf(expected));
      }),
      { numRuns: 300 },
    );
  });

  test('takes any bytes without an error', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('"', ',', '\n', '\r', 'a', '1', '""')), (parts) => {
        const sink = createRowSink();
        readInBlocks(sink, `ts,step_time_ms\n${parts.join('')}\n`, 3);
        expect(sink.ingest.rows_read).toBe(sink.series.length + sink.ingest.dropped_total);
      }),
      { numRuns: 300 },
    );
  });
});
