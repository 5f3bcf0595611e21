import { textsIn, type Look, type Text } from './look-through.ts';
import { holds, isAscii, squeeze, unescapeText, wordsOf } from './plain-text.ts';
import { firstOf, type Check, type Rule } from './tripwire-facts.ts';

/** Classes of capabilities: the words that name them, in any order and number. */
const FORBIDDEN = [
  ['weapon', 'control'],
  ['weapon', 'release'],
  ['autonomous', 'weapon'],
  ['chemical', 'weapon'],
  ['biological', 'weapon'],
  ['nuclear', 'weapon'],
  ['munition', 'guidance'],
  ['lethal', 'actuation'],
  ['lethal', 'targeting'],
] as const;

const CAPABILITY_KEYS = [
  ...['capability', 'capabilities', 'capabilityclass', 'capabilityclasses', 'class', 'classes'],
  ...['permission', 'permissions', 'requires', 'requirements', 'provides', 'grants', 'scopes'],
  ...['actuators', 'purpose', 'package', 'packages', 'dependencies', 'name', 'image', 'module'],
];

const stem = (word: string): string => word.replace(/s$/, '');

const names = (text: string, words: readonly string[]): boolean => {
  const plain = unescapeText(text);
  const found = wordsOf(plain).map(stem);
  return words.every((word) => found.includes(word)) || holds(squeeze(plain), words.join(''));
};

/** Letters without which no class is named. */
const SUSPECT = /weapon|munition|lethal/;

const isSuspect = (text: string): boolean => {
  const squeezed = squeeze(unescapeText(text));
  return !isAscii(squeezed) || SUSPECT.test(squeezed);
};

const suspects = new WeakMap<Look, readonly Text[]>();

/** The few names that are worth a closer look, found once for all classes. */
const suspectsOf = (look: Look): readonly Text[] => {
  const known = suspects.get(look);
  if (known !== undefined) return known;
  const found = look.named(...CAPABILITY_KEYS).flatMap(({ where, key, value }) =>
    textsIn(value)
      .filter(isSuspect)
      .map((text) => ({ where, key, text })),
  );
  suspects.set(look, found);
  return found;
};

const forbids =
  (words: readonly string[]): Check =>
  ({ look }) =>
    firstOf(suspectsOf(look), ({ where, text }) =>
      names(text, words) ? `${where} names the capability class ${words.join(' ')}` : undefined,
    );

export const t01Life: Rule = {
  id: 'T1',
  title: 'no destruction of life, no autonomous weapons',
  level: 'hard',
  interdictions: Object.fromEntries(
    FORBIDDEN.map((words) => [`capability_class_${words.join('_')}`, forbids(words)]),
  ),
};
