import fc from 'fast-check';
import { expect, test } from 'vitest';
import { snippetOf } from './snippet.ts';

test('marks what was looked for and escapes the rest', () => {
  expect(snippetOf('the <b>disk</b> & the Disks', new Set(['disk']))).toBe(
    'the &lt;b&gt;<mark>disk</mark>&lt;/b&gt; &amp; the <mark>Disks</mark>',
  );
});

test('shows the stretch with most different words', () => {
  const text = `disk ${'filler '.repeat(100)} the disk is full here ${'filler '.repeat(100)}`;
  const snippet = snippetOf(text, new Set(['disk', 'full']));
  expect(snippet).toContain('<mark>disk</mark> is <mark>full</mark>');
  expect(snippet).toMatch(/^\.\.\..*\.\.\.$/);
});

test('has no mark-up but its own, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('a', '1'), (text, term) => {
      const rest = snippetOf(text, new Set([term])).replaceAll(/<mark>[^<]*<\/mark>/g, '');
      expect(rest).not.toMatch(/[<>]/);
    }),
  );
});
