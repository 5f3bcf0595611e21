import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PASSAGE_SIZE, passagesOf } from './passages.ts';
import { linesOf } from './text-blocks.ts';

const line = fc.oneof(
  fc.constantFrom(
    '',
    '  ',
    '# Title',
    '## Part',
    '### Detail ###',
    '```',
    '~~~~',
    'text',
    '- item',
  ),
  fc.string({ maxLength: 80 }).map((text) => text.replaceAll('\n', ' ')),
  fc.integer({ min: 900, max: 3500 }).map((length) => 'x'.repeat(length)),
);
const text = fc
  .tuple(fc.array(line, { maxLength: 60 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
  .map(([lines, end, last]) => lines.join(end) + (last ? end : ''));

describe.each([
  ['markdown', true],
  ['plain text', false],
])('cutting %s', (_, markdown) => {
  test('gives the whole text again when its passages are joined', () => {
    fc.assert(
      fc.property(text, (value) => {
        const joined = passagesOf(value, markdown).map((passage) => passage.text);
        expect(joined.join('')).toBe(value);
      }),
    );
  });

  test('covers every line by one run of passages, with exact line numbers', () => {
    fc.assert(
      fc.property(text, (value) => {
        const lines = linesOf(value);
        let next = 1;
        let open = '';
        for (const { from, to, text: body } of passagesOf(value, markdown)) {
          const whole = lines.slice(from - 1, to).join('');
          if (open === '') expect(from).toBe(next);
          else expect([from, to]).toEqual([next, next]);
          open += body;
          expect(whole.startsWith(open)).toBe(true);
          if (open === whole) {
            open = '';
            next = to + 1;
          } else next = to;
        }
        expect(open).toBe('');
        expect(next).toBe(lines.length + 1);
      }),
    );
  });

  test('keeps passages within their size', () => {
    fc.assert(
      fc.property(text, (value) => {
        for (const passage of passagesOf(value, markdown))
          expect(passage.text.length).toBeLessThanOrEqual(PASSAGE_SIZE);
      }),
    );
  });
});

test('starts a passage at each heading that has something under it, and names the headings above', () => {
  const value = '# Book\n\n## One\nfirst\n\n## Two\nsecond\n### Deep\nthird\n';
  expect(passagesOf(value, true).map(({ from, to, heading }) => [from, to, heading])).toEqual([
    [1, 5, 'Book > One'],
    [6, 7, 'Book > Two'],
    [8, 9, 'Book > Two > Deep'],
  ]);
});

test('takes no heading out of a fenced block', () => {
  const value = '# Book\n```sh\n# a comment\n\necho\n```\nend\n';
  expect(passagesOf(value, true).map(({ heading }) => heading)).toEqual(['Book']);
});

test('never cuts a character in two', () => {
  const value = `a${'\u{1F600}'.repeat(1200)}`;
  for (const passage of passagesOf(value, false)) expect(passage.text.isWellFormed()).toBe(true);
});
