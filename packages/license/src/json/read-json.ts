import { JsonError } from './json-error.ts';
import { NumberToken, type JsonObject, type JsonValue } from './json-value.ts';

/** Python stops near 1,000 levels, depending on its caller; every licence is far from both. */
const MAX_DEPTH = 900;

const SPACE = /[ \t\n\r]*/y;
/** RFC 8259 section 6, and the three words that Python adds. */
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|NaN|-?Infinity/y;
const WORD = /true|false|null/y;
/** RFC 8259 section 7: everything but quote, backslash and the controls up to U+001F. */
const PLAIN = /[ !#-[\]-\uffff]*/y;
const ESCAPE = /\\(?:(["\\/bfnrt])|u([0-9a-fA-F]{4}))/y;

const WORDS: Readonly<Record<string, JsonValue>> = { true: true, false: false, null: null };
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * Reads what Python's `json.loads` reads: RFC 8259 with `NaN`, `Infinity` and `-Infinity`, the last of several equal
 * keys, and lone surrogates where they are escaped. Throws JsonError for anything else, a byte order mark and more than
 * 900 levels included.
 */
export const readJson = (text: string): JsonValue => {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
};

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): JsonValue {
    this.#take(SPACE);
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return this.#string();
    }
    const word = this.#take(WORD);
    if (word !== undefined) return WORDS[word[0]] as JsonValue;
    const number = this.#take(NUMBER);
    if (number !== undefined) return new NumberToken(number[0]);
    return this.#fail('expected a value');
  }

  end(): void {
    this.#take(SPACE);
    if (this.#at < this.#text.length) this.#fail('expected the end of the text');
  }

  #object(depth: number): JsonObject {
    const members = new Map<string, JsonValue>();
    this.#open(depth);
    if (this.#skip('}')) return members;
    do {
      this.#take(SPACE);
      if (this.#text[this.#at] !== '"') this.#fail('expected a key');
      const key = this.#string();
      if (!this.#skip(':')) this.#fail("expected ':'");
      members.set(key, this.value(depth + 1));
    } while (this.#skip(','));
    if (!this.#skip('}')) this.#fail("expected ',' or '}'");
    return members;
  }

  #array(depth: number): JsonValue[] {
    const values: JsonValue[] = [];
    this.#open(depth);
    if (this.#skip(']')) return values;
    do values.push(this.value(depth + 1));
    while (this.#skip(','));
    if (!this.#skip(']')) this.#fail("expected ',' or ']'");
    return values;
  }

  #open(depth: number): void {
    if (depth >= MAX_DEPTH) this.#fail(`more than ${MAX_DEPTH} levels`);
    this.#at += 1;
  }

  #string(): string {
    this.#at += 1;
    let text = this.#take(PLAIN)?.[0] ?? '';
    while (this.#text[this.#at] !== '"') {
      const escape = this.#take(ESCAPE);
      if (escape === undefined) return this.#fail('expected an escape or the end of the string');
      const [, short, hex = ''] = escape;
      text += short === undefined ? String.fromCharCode(parseInt(hex, 16)) : ESCAPES[short];
      text += this.#take(PLAIN)?.[0] ?? '';
    }
    this.#at += 1;
    return text;
  }

  /** Passes one character and the space before it, where it is the next one. */
  #skip(character: string): boolean {
    this.#take(SPACE);
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text) ?? undefined;
    if (found !== undefined) this.#at += found[0].length;
    return found;
  }

  #fail(what: string): never {
    throw new JsonError(what, this.#at);
  }
}
