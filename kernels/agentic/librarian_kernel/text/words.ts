/** A word of a text: the form under which it is indexed, and where it stands (UTF-16 offsets). */
export interface Word {
  readonly term: string;
  readonly start: number;
  readonly end: number;
}

/** Scripts that put no space between words: each sign counts as a word, runs of them as a phrase. */
const SIGN = '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}]';
const WORD = new RegExp(`${SIGN}|(?:(?!${SIGN})[\\p{L}\\p{M}\\p{N}])+`, 'gu');
const MAX_LENGTH = 64;

const hasVowel = (text: string): boolean => /[aeiouy]/.test(text);

const withoutEnding = (word: string, ending: string): string | undefined => {
  if (!word.endsWith(ending)) return undefined;
  const rest = word.slice(0, -ending.length);
  if (rest.length < 3 || !hasVowel(rest)) return undefined;
  return /([^aeiouylsz])\1$/.test(rest) ? rest.slice(0, -1) : rest;
};

const singular = (word: string): string => {
  if (/[^aeiou]ies$/.test(word) && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:ss|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return /[^sui]s$/.test(word) ? word.slice(0, -1) : word;
};

/** Takes the commonest English endings off, so that `restarted` finds `restart`. Other words stay as they are. */
const stem = (word: string): string => {
  if (word.length < 4 || !/^[a-z]+$/.test(word)) return word;
  const one = singular(word);
  const plain =
    withoutEnding(one, 'ing') ?? (one.endsWith('eed') ? undefined : withoutEnding(one, 'ed'));
  const rest = plain ?? one;
  return rest.length > 3 && rest.endsWith('e') ? rest.slice(0, -1) : rest;
};

const MARKS_AND_SIGNS = /[^\p{L}\p{N}]+/gu;

/** Small letters without accents, in the compatibility form (Unicode NFKD). */
const fold = (word: string): string => {
  if (/^[a-z0-9]+$/.test(word)) return word;
  const plain = word.toLowerCase().normalize('NFKD').replace(MARKS_AND_SIGNS, '');
  return plain.toLowerCase();
};

const toTerm = (word: string): string => {
  const folded = fold(word);
  const term = stem(folded);
  return term.length > MAX_LENGTH ? [...term].slice(0, MAX_LENGTH).join('') : term;
};

/**
 * The words of a text in order. One definition serves the index, the query and the marks in a snippet, on both engines.
 * A term consists of letters and digits only, so it can stand in an engine's query without quoting.
 */
export function* wordsOf(text: string): Generator<Word> {
  for (const match of text.matchAll(WORD)) {
    const term = toTerm(match[0]);
    if (term !== '') yield { term, start: match.index, end: match.index + match[0].length };
  }
}

export const termsOf = (text: string): string[] => Array.from(wordsOf(text), ({ term }) => term);
