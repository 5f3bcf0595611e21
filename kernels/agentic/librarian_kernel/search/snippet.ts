import { wordsOf, type Word } from '../text/words.ts';

const LENGTH = 240;
const LEAD = 40;

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escape = (text: string): string => text.replace(/[&<>]/g, (sign) => ESCAPES[sign]!);

/** Where the window starts that shows the most different terms; the first of equals. */
const bestStart = (found: readonly Word[]): number => {
  let best = { start: 0, terms: 0 };
  for (const [at, { start }] of found.entries()) {
    const terms = new Set<string>();
    for (const word of found.slice(at)) {
      if (word.end > start + LENGTH - LEAD) break;
      terms.add(word.term);
    }
    if (terms.size > best.terms) best = { start, terms: terms.size };
  }
  return best.start;
};

/** The next place at or after `at` where a word begins, so that none is cut in two; `at` where there is none near. */
const wordStart = (text: string, at: number): number => {
  if (at <= 0) return 0;
  const space = /\s/.exec(text.slice(at, at + LEAD));
  return space ? at + space.index + 1 : at;
};

/**
 * A short stretch of a passage around the words that were looked for, as HTML text: those words in `<mark>`, everything
 * else escaped, runs of blanks as one space.
 */
export const snippetOf = (text: string, terms: ReadonlySet<string>): string => {
  const found = [...wordsOf(text)].filter(({ term }) => terms.has(term));
  const start = wordStart(text, bestStart(found) - LEAD);
  const end = Math.min(text.length, start + LENGTH);
  let html = start > 0 ? '...' : '';
  let at = start;
  for (const word of found) {
    if (word.start < at || word.end > end) continue;
    html += `${escape(text.slice(at, word.start))}<mark>${escape(text.slice(word.start, word.end))}</mark>`;
    at = word.end;
  }
  html +=
    escape(text.slice(at, end).replace(/[\uD800-\uDBFF]$/, '')) + (end < text.length ? '...' : '');
  return html.replace(/\s+/g, ' ').trim();
};
