/** Letters of other alphabets that look like Latin ones and that compatibility decomposition leaves alone. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  a: '\u0430\u03b1\u0251\u1d00',
  b: '\u0432\u03b2\u0299',
  c: '\u0441\u03f2\u1d04',
  d: '\u0501\u0111\u1d05',
  e: '\u0435\u03b5\u0454\u1d07',
  g: '\u0261\u0262',
  h: '\u04bb\u043d\u0127\u029c',
  i: '\u0456\u03b9\u0131\u0269\u026a\u0457',
  j: '\u0458\u1d0a',
  k: '\u043a\u03ba\u1d0b',
  l: '\u04cf\u0142\u029f',
  m: '\u043c\u1d0d',
  n: '\u043f\u03b7\u0274',
  o: '\u043e\u03bf\u00f8\u1d0f',
  p: '\u0440\u03c1\u1d18',
  q: '\u051b',
  r: '\u0433\u0280',
  s: '\u0455\ua731',
  t: '\u0442\u03c4\u1d1b',
  u: '\u03c5\u1d1c',
  v: '\u03bd\u0475\u1d20',
  w: '\u051d\u0461\u03c9\u1d21',
  x: '\u0445\u03c7',
  y: '\u0443\u03b3\u028f',
  z: '\u1d22',
};

const LATIN_OF = new Map(
  Object.entries(LOOKALIKES).flatMap(([latin, others]) =>
    [...others].map((other) => [other, latin] as const),
  ),
);

const INVISIBLE = /[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
const IS_ASCII = /^[\x20-\x7e]*$/;
const FOREIGN = /[^\x20-\x7e]/gu;

/** Lower case Latin letters wherever a reader would see them; what looks like none of them stays. */
const plain = (text: string): string => {
  if (IS_ASCII.test(text)) return text.toLowerCase();
  return text
    .normalize('NFKD')
    .replace(INVISIBLE, '')
    .toLowerCase()
    .replace(FOREIGN, (letter) => LATIN_OF.get(letter) ?? letter);
};

const IS_SQUEEZED = /^[a-z0-9]*$/;

/** A word as it is compared: `block_stop`, `Block-Stop` and `blockStop` are one. */
export const squeeze = (text: string): string => {
  if (IS_SQUEEZED.test(text)) return text;
  const lower = plain(text);
  return IS_ASCII.test(lower)
    ? lower.replace(/[^a-z0-9]+/g, '')
    : lower.replace(/[^\p{L}\p{N}]+/gu, '');
};

/** The words of a text, with `camelCase` taken apart. */
export const wordsOf = (text: string): string[] =>
  plain(text.replace(/([a-z0-9])([A-Z])/g, '$1 $2'))
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');

const MAX_FOREIGN = 3;
const LONG_FOREIGN = /[^\x20-\x7e]{4,}/g;
const isForeign = (unit: string): boolean => unit > '\x7e';

/** Whether a text in another alphabet has this term at `start`, with few letters that are not told apart. */
const holdsAt = (text: string, start: number, term: string): boolean => {
  let foreign = 0;
  for (let at = 0; at < term.length; at++) {
    const letter = text[start + at]!;
    if (letter === term[at]) continue;
    if (!isForeign(letter) || ++foreign > MAX_FOREIGN) return false;
  }
  return true;
};

/** Whether `squeezed` holds `term`, where up to three letters of other alphabets stand for any letter. */
export const holds = (squeezed: string, term: string): boolean => {
  if (squeezed.includes(term)) return true;
  if (IS_ASCII.test(squeezed)) return false;
  const text = squeezed.replace(LONG_FOREIGN, ' ');
  for (let start = 0; start + term.length <= text.length; start++)
    if (holdsAt(text, start, term)) return true;
  return false;
};

export const isAscii = (text: string): boolean => IS_ASCII.test(text);

const codePoint = (digits: string, radix: number): string => {
  const value = Number.parseInt(digits, radix);
  return value <= 0x10ffff ? String.fromCodePoint(value) : '';
};

const unescapeOnce = (text: string): string =>
  text
    .replace(/\\\r?\n[ \t]*/g, '')
    .replace(/\\u\{([0-9a-f]{1,6})\}/gi, (_, hex: string) => codePoint(hex, 16))
    .replace(/\\U([0-9a-f]{8})/g, (_, hex: string) => codePoint(hex, 16))
    .replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => codePoint(hex, 16))
    .replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) => codePoint(hex, 16))
    .replace(/&#x([0-9a-f]{1,6});/gi, (_, hex: string) => codePoint(hex, 16))
    .replace(/&#([0-9]{1,7});/g, (_, digits: string) => codePoint(digits, 10))
    .replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
      try {
        return decodeURIComponent(run);
      } catch {
        return Buffer.from(run.replaceAll('%', ''), 'hex').toString('latin1');
      }
    });

const MAX_ROUNDS = 4;

/** A text with the escapes of JSON, YAML, Cedar, URLs and HTML resolved, also where they are escaped again. */
export const unescapeText = (text: string): string => {
  let last = text;
  for (let round = 0; round < MAX_ROUNDS && /[\\%&]/.test(last); round++) {
    const next = unescapeOnce(last);
    if (next === last) break;
    last = next;
  }
  return last;
};

const ON = new Set(['true', '1', 'yes', 'y', 'on', 'always', 'enabled', 'enable']);
const OFF = new Set(['', 'false', '0', 'no', 'n', 'off', 'never', 'none', 'null', 'disabled']);

const flag = (value: unknown): string | undefined =>
  ['string', 'number', 'boolean', 'bigint'].includes(typeof value)
    ? squeeze(unescapeText(String(value)))
    : undefined;

/** Whether a value says yes. An object or a list is no answer. */
export const isOn = (value: unknown): boolean => {
  const said = flag(value);
  return said !== undefined && ON.has(said);
};

/** Whether a value says no; null does. */
export const isOff = (value: unknown): boolean => {
  if (value === null) return true;
  const said = flag(value);
  return said !== undefined && OFF.has(said);
};
