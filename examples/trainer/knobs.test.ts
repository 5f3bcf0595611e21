import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
// @ts-expect-error a program's library without types
import { KNOBS, START, knobTexts, parseAnnotations, readAnnotations, readKnobs } from './knobs.mjs';

const annotated = (knobs: Record<string, string>) =>
  new Map(Object.entries(knobs).map(([name, value]) => [`modekeeper/knob.${name}`, value]));

describe('parseAnnotations', () => {
  test('reads the lines of a Downward API file', () => {
    const text = 'kubernetes.io/config.source="api"\nmodekeeper/knob.grad_accum_steps="8"\n';
    expect([...parseAnnotations(text)]).toEqual([
      ['kubernetes.io/config.source', 'api'],
      ['modekeeper/knob.grad_accum_steps', '8'],
    ]);
  });

  test('undoes the quoting of values', () => {
    const text = String.raw`a="say \"hi\"\n\ttab \\ \u00e9 \x41 \U0001f600"`;
    expect(parseAnnotations(text).get('a')).toBe('say "hi"\n\ttab \\ \u00e9 A \u{1f600}');
  });

  test('passes over lines of another shape', () => {
    expect(parseAnnotations('\nno value\n=""\nkey=bare\nkey="open\nok="1"').size).toBe(1);
  });

  test('gives back any value that was quoted as JSON quotes it', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(parseAnnotations(`key=${JSON.stringify(value)}`).get('key')).toBe(value);
      }),
    );
  });

  test('a file that is not there is told from an empty one', () => {
    expect(readAnnotations('/nonexistent/annotations')).toBeUndefined();
    expect(readAnnotations('/dev/null')?.size).toBe(0);
  });
});

describe('readKnobs', () => {
  test('starts from the start values', () => {
    expect(readKnobs(new Map())).toEqual({ knobs: START, rejected: [], unused: [] });
  });

  test('takes annotated knobs and leaves other annotations alone', () => {
    const annotations = annotated({ grad_accum_steps: '8' }).set('owner', 'somebody');
    expect(readKnobs(annotations)).toEqual({
      knobs: { ...START, grad_accum_steps: 8 },
      rejected: [],
      unused: [],
    });
  });

  test.each(['abc', '', '0', '65', '-1', '1.5', '8 ', '1e1', '99999999999999999999'])(
    'a value of %j keeps the previous one and is named',
    (value) => {
      const previous = { ...START, grad_accum_steps: 16 };
      const { knobs, rejected } = readKnobs(annotated({ grad_accum_steps: value }), previous);
      expect(knobs).toEqual(previous);
      expect(rejected).toEqual([
        `modekeeper/knob.grad_accum_steps=${value}: not a whole number from 1 to 64`,
      ]);
    },
  );

  test('an annotation that is gone means the start value again', () => {
    const previous = { ...START, grad_accum_steps: 16 };
    expect(readKnobs(new Map(), previous).knobs).toEqual(START);
  });

  test('shows knobs that it does not have, and is not fooled by names that every object has', () => {
    const { knobs, unused } = readKnobs(annotated({ timeout_ms: '15000', constructor: '3' }));
    expect(knobs).toEqual(START);
    expect(unused).toEqual(['modekeeper/knob.timeout_ms=15000', 'modekeeper/knob.constructor=3']);
  });

  test('never leaves the range of a knob', () => {
    const name = fc.constantFrom(...Object.keys(KNOBS));
    const value = fc.oneof(fc.string(), fc.integer().map(String), fc.nat(300).map(String));
    fc.assert(
      fc.property(fc.dictionary(name, value), (knobs) => {
        const found: Record<string, number> = readKnobs(annotated(knobs)).knobs;
        for (const [knob, number] of Object.entries(found)) {
          const { min, max } = KNOBS[knob as keyof typeof KNOBS];
          expect(Number.isInteger(number) && number >= min && number <= max).toBe(true);
        }
      }),
    );
  });
});

test('knobs are written so that one can be searched for in the log', () => {
  expect(knobTexts({ microbatch_size: 16, grad_accum_steps: 8 })).toEqual([
    'modekeeper/knob.grad_accum_steps=8',
    'modekeeper/knob.microbatch_size=16',
  ]);
});
