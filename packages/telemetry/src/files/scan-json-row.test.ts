import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SLOT_NAMES } from '../rows/field-slots.ts';
import { loadRecord } from '../rows/load-record.ts';
import { createRow, readRow, type Row } from '../rows/read-row.ts';
import { createRowSlots } from '../rows/row-slots.ts';
import { createJsonRowScanner } from './scan-json-row.ts';

const scan = createJsonRowScanner();
const fastSlots = createRowSlots();
const slowSlots = createRowSlots();

/** Undefined: the line was left to `JSON.parse`. `dropped`: a required field is missing. */
const fastRow = (line: string): Row | 'dropped' | undefined => {
  // Bytes behind the line that would go on with it must not be read.
  const bytes = Buffer.from(`9${line}\n,"ts":1}\n`);
  const next = scan(bytes, 1, fastSlots);
  if (next < 0) return undefined;
  expect(next).toBe(Buffer.byteLength(line) + 2);
  const row = createRow();
  return readRow(fastSlots, row) ? row : 'dropped';
};
const slowRow = (line: string): Row | 'dropped' => {
  // Through bytes: half of a pair of surrogates is no text of a file.
  const record = JSON.parse(Buffer.from(line).toString()) as Record<string, unknown>;
  loadRecord(record, slowSlots);
  const row = createRow();
  return readRow(slowSlots, row) ? row : 'dropped';
};
const checkAgreement = (line: string): boolean => {
  const fast = fastRow(line);
  if (fast !== undefined) expect(fast).toEqual(slowRow(line));
  return fast !== undefined;
};

const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...SLOT_NAMES) },
  { weight: 1, arbitrary: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')) },
);
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }).map(Number),
  fc.double({ min: 0, max: 1000, noNaN: true }).map((value) => Number(value.toFixed(3))),
);
const text = fc.oneof(
  fc.string(),
  fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('utf8')),
  number.map(String),
  number.map((value) => `${value} %`),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.array(number).map((list) => JSON.stringify(list)),
  fc.constantFrom('nan', '', ' node-1 ', 'Infinity', 'null', '80MiB'),
);
const value = fc.oneof(
  { weight: 6, arbitrary: number },
  { weight: 3, arbitrary: text },
  { weight: 2, arbitrary: fc.array(number, { maxLength: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom(null, true, false) },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const blank = fc.constantFrom('', '', '', ' ', '\t', '\r', '  ');
/** Also names that occur twice, which `JSON.stringify` never writes. */
const objectLine = fc
  .tuple(
    fc.array(fc.tuple(name, value), { maxLength: 12 }),
    fc.array(blank, { minLength: 6, maxLength: 6 }),
  )
  .map(([fields, [a, b, c, d, e, f]]) => {
    const body = fields.map(
      ([key, content]) => `${a}${JSON.stringify(key)}${b}:${c}${JSON.stringify(content)}${d}`,
    );
    return `${e}{${body.join(',')}}${f}`;
  });
/** Rows with the required fields, so that their meaning is compared and not only their absence. */
const wholeRow = fc
  .tuple(number, number, fc.dictionary(name, value, { maxKeys: 8 }))
  .map(([ts, latency, rest]) =>
    JSON.stringify({ ...rest, ts: Math.abs(ts), step_time_ms: Math.abs(latency) }),
  );

describe('the byte scanner', () => {
  test('agrees with JSON.parse on arbitrary objects', () => {
    fc.assert(
      fc.property(objectLine, (line) => void checkAgreement(line)),
      { numRuns: 1000 },
    );
  });

  test('agrees with JSON.parse on whole rows', () => {
    fc.assert(
      fc.property(wholeRow, (line) => void checkAgreement(line)),
      { numRuns: 1000 },
    );
  });

  test('reads every double as JSON.parse does', () => {
    const bits = new DataView(new ArrayBuffer(8));
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.nat({ max: 20 }),
        (raw, digits) => {
          bits.setBigUint64(0, raw);
          const double = bits.getFloat64(0);
          fc.pre(Number.isFinite(double));
          for (const written of [String(double), double.toExponential(), double.toFixed(digits)])
            expect(checkAgreement(`{"ts":1,"step_time_ms":1,"loss":${written}}`)).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('accepts nothing that JSON.parse refuses', () => {
    const line = wholeRow.filter((candidate) => candidate.length > 2);
    fc.assert(
      fc.property(
        line,
        fc.nat(),
        fc.constantFrom(...'{}[],:"\\.eE+-0 1ntf\u0001'),
        fc.constantFrom(0, 1),
        (whole, position, character, removed) => {
          const at = position % whole.length;
          const broken = whole.slice(0, at) + character + whole.slice(at + removed);
          if (fastRow(broken) !== undefined) expect(() => JSON.parse(broken)).not.toThrow();
          if (fastRow(broken) !== undefined) checkAgreement(broken);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['a usual row', '{"ts": 1, "step_time_ms": 2.5, "worker_latencies_ms": [1, 2]}'],
    [
      'text, literals and lists elsewhere',
      '{"a":"b","c":[1],"d":null,"e":true,"ts":1,"step_time_ms":2}',
    ],
    ['names in other scripts', '{"\u00e4":"\u00fc","node":"\u5c71","ts":1,"step_time_ms":2}'],
    ['a carriage return', '{"ts":1,"step_time_ms":2}\r'],
    ['nesting', '{"a":{"b":[{},[],{"c" : [1, "x"],"d":null}]},"ts":1,"step_time_ms":2}'],
    ['an object in the wrong place', '{"ts":1,"step_time_ms":2,"loss":{"a":1},"node":{}}'],
    ['a list in the wrong place', '{"ts":[1],"step_time_ms":2}'],
    ['null for a name that comes again', '{"loss":null,"loss":3,"ts":1,"step_time_ms":2}'],
  ])('reads %s itself', (_, line) => expect(checkAgreement(line)).toBe(true));

  test.each([
    ['an escape', '{"ts":1,"step_time_ms":2,"node":"a\\u0062"}'],
    ['an escape in a name', '{"\\u0074s":1,"step_time_ms":2}'],
    ['an escape in nesting', '{"ts":1,"step_time_ms":2,"a":["\\n"]}'],
    ['an open list', '{"ts":1,"step_time_ms":2,"a":[1}'],
    ['a comma in a list', '{"ts":1,"step_time_ms":2,"a":[1,]}'],
    ['a member without a value', '{"ts":1,"step_time_ms":2,"a":{"b"}}'],
    ['a member without a colon', '{"ts":1,"step_time_ms":2,"a":{"b",1}}'],
    ['a member without a name', '{"ts":1,"step_time_ms":2,"a":{1:2}}'],
    ['too many levels', `{"ts":1,"step_time_ms":2,"a":${'['.repeat(20)}${']'.repeat(20)}}`],
    ['a list of texts', '{"ts":1,"step_time_ms":2,"worker_latencies_ms":["1"]}'],
    ['a known name twice', '{"ts":1,"ts":2,"step_time_ms":2}'],
    ['an empty object', '{}'],
    ['a list', '[1]'],
    ['an empty line', ''],
    ['text behind the object', '{"ts":1,"step_time_ms":2} 3'],
    ['a leading zero', '{"ts":01,"step_time_ms":2}'],
    ['a comma at the end', '{"ts":1,"step_time_ms":2,}'],
    ['NaN', '{"ts":1,"step_time_ms":2,"loss":NaN}'],
  ])('leaves %s to JSON.parse', (_, line) => expect(fastRow(line)).toBeUndefined());
});
