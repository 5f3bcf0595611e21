import { RELEASED } from './history.ts';
import { holds, isAscii, squeeze, unescapeText, wordsOf } from './plain-text.ts';

/** Words that stand for the rules as a whole or for one of them. */
const TERMS: readonly (readonly [term: string, rule: string])[] = [
  ['killswitch', 'T4'],
  ['stophook', 'T4'],
  ['tripwire', 'T12'],
  ['interdiction', 'T13'],
  ['ethiclock', 'T13'],
];

const NAMES: readonly (readonly [name: string, rule: string])[] = RELEASED.flatMap((release) =>
  release.interdictions.map((one) => {
    const [rule, name] = one.replace(' (advisory)', '').split('/') as [string, string];
    return [squeeze(name), rule] as const;
  }),
);

const hardRules = (text: string): string | undefined =>
  /\bhard ?rules?\b/.test(wordsOf(text).join(' ')) ? 'T12' : undefined;

const RULE_ID = /\bT(1[0-4]|[1-9])\b/;

const ANY = new RegExp([...TERMS, ...NAMES].map(([term]) => term).join('|') + '|hardrule');

/** Which hard rule a text names, if it names one or all of them (T12). */
export const ruleNamedIn = (text: string): string | undefined => {
  const readable = unescapeText(text);
  const squeezed = squeeze(readable);
  if (isAscii(squeezed) && !ANY.test(squeezed)) return undefined;
  const named = NAMES.find(([name]) => squeezed.includes(name))?.[1];
  if (named !== undefined) return named;
  const term = TERMS.find(([word]) => holds(squeezed, word))?.[1] ?? hardRules(readable);
  return term === 'T12' ? (RULE_ID.exec(readable)?.[0] ?? term) : term;
};

/** A bare name of a rule: `T4`. */
export const isRuleId = (text: string): boolean => /^t(1[0-4]|[1-9])$/.test(squeeze(text));

const WEAKENING = [
  ...['disable', 'disables', 'disabled', 'override', 'overrides', 'bypass', 'bypasses', 'ignore'],
  ...['ignores', 'ignored', 'skip', 'skips', 'skipped', 'weaken', 'weakens', 'remove', 'removes'],
  ...['exempt', 'exempts', 'exemptions', 'suspend', 'suspends', 'suspended', 'relax', 'unpin'],
  ...['except', 'exceptions', 'waive', 'waives', 'mute', 'off', 'lift'],
];

export const saysWeaken = (text: string): boolean =>
  wordsOf(unescapeText(text)).some((word) => WEAKENING.includes(word));
