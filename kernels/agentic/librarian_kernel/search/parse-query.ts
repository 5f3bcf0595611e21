import { termsOf } from '../text/words.ts';

/** Terms that must follow each other; mostly one. */
export type Phrase = readonly string[];

const MAX_PHRASES = 32;
const MAX_TERMS = 16;

/** Words that say nothing by themselves: they are looked for only within quotes, or when there is nothing else. */
const EMPTY_WORDS = new Set(
  termsOf(
    `a an and are as at be but by can could do does for from had has have how i if in into is it its me my no not of on
     or our she should so that the their then there these they this to was we were what when where which who why will
     with would you your`,
  ),
);

const isEmptyWord = (phrase: Phrase): boolean => phrase.length === 1 && EMPTY_WORDS.has(phrase[0]!);

/** Every other part stands in quotes; a quote that is never closed reaches to the end. */
const partsOf = (query: string): { quoted: boolean; text: string }[] =>
  query.split('"').map((text, at) => ({ quoted: at % 2 === 1, text }));

const withoutRepeats = (phrases: readonly Phrase[]): Phrase[] => [
  ...new Map(phrases.map((phrase) => [phrase.join(' '), phrase])).values(),
];

/**
 * Reads what a person typed: words, and "phrases" in quotes. A word with marks inside (`kill_switch`, `10.0.0.1`) is a
 * phrase of its parts. Every text is a valid query; one without a letter or digit has no phrases and finds nothing.
 */
export const parseQuery = (query: string): Phrase[] => {
  const quoted: Phrase[] = [];
  const plain: Phrase[] = [];
  for (const part of partsOf(query)) {
    if (part.quoted) quoted.push(termsOf(part.text).slice(0, MAX_TERMS));
    else for (const word of part.text.split(/\s+/)) plain.push(termsOf(word).slice(0, MAX_TERMS));
  }
  const all = [...quoted, ...plain].filter((phrase) => phrase.length > 0);
  const telling = [...quoted, ...plain.filter((phrase) => !isEmptyWord(phrase))].filter(
    (phrase) => phrase.length > 0,
  );
  return withoutRepeats(telling.length > 0 ? telling : all).slice(0, MAX_PHRASES);
};
