import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { byCodePoint, canonicalBytes, canonicalText } from './canonical-text.ts';
import { damagedDocument, jsonDocument } from './documents.fixture.ts';
import { JsonError } from './json-error.ts';
import { PYTHON_CASES } from './python-cases.fixture.ts';
import { askPython, hasPython } from './python.fixture.ts';
import { readJson } from './read-json.ts';

/** What our reader and writer make of a document; null where they refuse it. */
const canonical = (document: string): string | null => {
  try {
    return canonicalText(readJson(document));
  } catch (error) {
    expect(error).toBeInstanceOf(JsonError);
    return null;
  }
};

const differences = (documents: readonly string[]): unknown[] => {
  const wanted = askPython(documents);
  return documents
    .map((document, i) => ({ document, ours: canonical(document), python: wanted[i] }))
    .filter(({ ours, python }) => ours !== python);
};

const skipped = hasPython ? '' : ' (SKIPPED: no python3 on this machine)';

describe('canonical text', () => {
  test.each(PYTHON_CASES)('of %j is %j, as in Python', (document, wanted) => {
    expect(canonical(document)).toBe(wanted);
  });

  test.skipIf(!hasPython)(`the table of cases is what python3 answers${skipped}`, () => {
    expect(askPython(PYTHON_CASES.map(([document]) => document))).toEqual(
      PYTHON_CASES.map(([, wanted]) => wanted),
    );
  });

  test.skipIf(!hasPython)(`is that of python3 for any document${skipped}`, () => {
    const documents = fc.sample(jsonDocument, 6_000);
    expect(differences(documents)).toEqual([]);
    expect(documents.filter((document) => canonical(document) === null)).toEqual([]);
  });

  test.skipIf(!hasPython)(`damaged documents are refused where python3 does${skipped}`, () => {
    const documents = fc.sample(damagedDocument, 6_000);
    expect(differences(documents)).toEqual([]);
    const refused = documents.filter((document) => canonical(document) === null).length;
    expect(refused).toBeGreaterThan(500);
    expect(refused).toBeLessThan(documents.length);
  });

  it('reads back as itself', () => {
    fc.assert(
      fc.property(jsonDocument, (document) => {
        const once = canonical(document) as string;
        expect(canonical(once)).toBe(once);
      }),
    );
  });

  it('keeps integers exact beyond the digits that Python 3.11 reads', () => {
    const digits = `-1${'0123456789'.repeat(600)}`;
    expect(canonical(`[${digits}]`)).toBe(`[${digits}]`);
  });

  it('reads 900 levels and refuses more, instead of overflowing the stack', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(canonical(nested(900))).toBe(nested(900));
    expect(canonical(nested(901))).toBeNull();
    expect(canonical('{"a":'.repeat(100_000))).toBeNull();
  });

  it('orders keys like the code points in them', () => {
    const points = (text: string) => [...text].map((one) => one.codePointAt(0) as number);
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        (start, one, other) => {
          const [a, b] = [points(start + one), points(start + other)];
          const at = a.findIndex((point, i) => point !== b[i]);
          const wanted = at === -1 ? a.length - b.length : (a[at] as number) - (b[at] ?? -1);
          expect(Math.sign(byCodePoint(start + one, start + other))).toBe(Math.sign(wanted));
        },
      ),
    );
  });
});

describe('canonical bytes', () => {
  it('are the UTF-8 of the text', () => {
    expect(canonicalBytes(readJson('{"a":"\\u00e9\\ud83d\\ude00"}'))?.toString('hex')).toBe(
      Buffer.from('{"a":"\u00e9\u{1f600}"}').toString('hex'),
    );
  });

  test.each(['"\\ud83d"', '{"\\ude00":1}', '["\\ude00\\ud83d"]'])(
    'do not exist where a lone surrogate stands: %s',
    (document) => {
      expect(canonicalBytes(readJson(document))).toBeUndefined();
    },
  );

  it('tell documents apart that a replacement character would make equal', () => {
    expect(canonicalBytes(readJson('"\\ufffd"'))).toBeDefined();
    expect(canonicalBytes(readJson('"\\ud800"'))).toBeUndefined();
  });
});

describe('errors of the reader', () => {
  it('say where, and quote nothing of what was read', () => {
    expect(() => readJson('{"a":hunter2}')).toThrow('expected a value at offset 5');
    expect(() => readJson('{"hunter2" 1}')).toThrow(/^(?!.*hunter2).*offset 11$/);
  });
});
