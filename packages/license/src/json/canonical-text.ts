import { isJsonArray, isJsonObject, NumberToken, type JsonValue } from './json-value.ts';
import { pythonNumber } from './python-number.ts';

/**
 * The text that Python's `json.dumps(value, sort_keys=True, separators=(',', ':'), ensure_ascii=False)` gives: keys by
 * code point, nothing escaped but quotes, backslashes and the controls up to U+001F.
 */
export const canonicalText = (value: JsonValue): string => {
  if (typeof value === 'string') return quote(value);
  if (value instanceof NumberToken) return pythonNumber(value.token);
  if (isJsonArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (!isJsonObject(value)) return String(value);
  const members = [...value].sort(([a], [b]) => byCodePoint(a, b));
  return `{${members.map(([key, member]) => `${quote(key)}:${canonicalText(member)}`).join(',')}}`;
};

/** The UTF-8 bytes of the canonical text; undefined where a lone surrogate stands in it, which UTF-8 cannot say. */
export const canonicalBytes = (value: JsonValue): Buffer | undefined => {
  const text = canonicalText(value);
  return /\p{Surrogate}/u.test(text) ? undefined : Buffer.from(text, 'utf8');
};

/**
 * The order of Python's strings. JavaScript compares UTF-16 units, which puts U+10000 before U+E000. The second half of
 * a pair is looked at again alone, where it is the same in both.
 */
export const byCodePoint = (a: string, b: string): number => {
  for (let at = 0; ; at += 1) {
    const [left, right] = [a.codePointAt(at) ?? -1, b.codePointAt(at) ?? -1];
    if (left !== right) return left - right;
    if (left === -1) return 0;
  }
};

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

const quote = (text: string): string =>
  `"${text.replace(
    /[^ !#-[\]-\uffff]/g,
    (character) =>
      SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )}"`;
